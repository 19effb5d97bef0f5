package main

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"detour/certs"
	"detour/internal/decrypt"
	"detour/internal/truststore"
)

// A caStatus is what detour ca status --json prints.
type caStatus struct {
	V      int           `json:"v"`
	Chains []chainStatus `json:"chains"`
}

// A chainStatus is a chain on disk. If there is none, it has a directory only.
type chainStatus struct {
	Dir       string       `json:"dir"`
	Root      *rootStatus  `json:"root,omitempty"`
	Permitted []string     `json:"permitted,omitempty"`  // DNS suffixes
	EveryHost bool         `json:"every_host,omitempty"` // it may sign for every host
	Retired   []rootStatus `json:"retired,omitempty"`    // roots that it replaced
}

// A rootStatus is a root and what trusts it.
type rootStatus struct {
	Name      string        `json:"name"`
	Path      string        `json:"path"`
	SHA256    string        `json:"sha256"`
	NotBefore time.Time     `json:"not_before"`
	NotAfter  time.Time     `json:"not_after"`
	Stores    []storeStatus `json:"stores"`
}

// A storeStatus is whether a trust store trusts a root, or why that is unknown.
type storeStatus struct {
	Name    string `json:"name"`
	Kind    string `json:"kind"`
	Trusted *bool  `json:"trusted,omitempty"`
	Error   string `json:"error,omitempty"`
	Hint    string `json:"hint,omitempty"`
}

func (o *caOptions) status(c *cobra.Command) error {
	out := caStatus{V: 1, Chains: []chainStatus{}}
	for _, s := range o.chains {
		st, err := o.chainStatus(c, s)
		if err != nil {
			return err
		}
		out.Chains = append(out.Chains, st)
	}
	if o.asJSON {
		return json.NewEncoder(c.OutOrStdout()).Encode(out)
	}
	for _, st := range out.Chains {
		st.write(c.OutOrStdout())
	}
	return nil
}

func (o *caOptions) chainStatus(c *cobra.Command, s decrypt.Chain) (st chainStatus, err error) {
	st.Dir = absolute(s.Dir)
	ca, err := s.Load()
	if err != nil {
		return st, err
	}
	if ca != nil {
		root := o.rootStatus(c, ca.Root(), absolute(ca.Path()))
		st.Root, st.Permitted, st.EveryHost = &root, ca.Permitted(), ca.Unconstrained()
	}
	retired, err := certs.Retired(s.Dir)
	for _, r := range retired {
		st.Retired = append(st.Retired, o.rootStatus(c, r.Cert, absolute(r.Path)))
	}
	return st, err
}

func (o *caOptions) rootStatus(c *cobra.Command, cert *x509.Certificate, path string) rootStatus {
	sum := sha256.Sum256(cert.Raw)
	st := rootStatus{
		Name: cert.Subject.CommonName, Path: path, SHA256: hex.EncodeToString(sum[:]),
		NotBefore: cert.NotBefore.UTC(), NotAfter: cert.NotAfter.UTC(), Stores: []storeStatus{},
	}
	for _, s := range o.stores {
		is := storeStatus{Name: s.Name(), Kind: s.Kind()}
		f, err := s.Find(c.Context(), o.run, truststore.Root{Cert: cert, File: path})
		if err == nil {
			is.Trusted = &f.Trusted
		} else {
			is.Error = err.Error()
			is.Hint = hintOf(err)
		}
		st.Stores = append(st.Stores, is)
	}
	return st
}

// hintOf is the hint of a trust store's error.
func hintOf(err error) string {
	var e *truststore.Error
	if errors.As(err, &e) {
		return e.Hint
	}
	return ""
}

// write prints the status as text.
func (st chainStatus) write(w io.Writer) {
	if st.Root == nil {
		fmt.Fprintf(w, "no signing chain in %s; if detour starts the browser, the chain is in memory\n", st.Dir)
	} else {
		names := "every host on the web"
		if !st.EveryHost {
			names = wrap(st.Permitted, 100, "\n            ")
		}
		r := st.Root
		fmt.Fprintf(w, "root        %s\nfile        %s\nSHA-256     %s\nvalid       %s to %s\nsigns for   %s\n", r.Name, r.Path, r.SHA256,
			r.NotBefore.Format(time.DateOnly), r.NotAfter.Format(time.DateOnly), names)
		r.write(w, true)
	}
	for _, r := range st.Retired {
		fmt.Fprintf(w, "retired     %s\n", r.Name)
		r.write(w, false)
	}
}

// wrap joins words into lines of at most width bytes, if the words are short enough.
func wrap(words []string, width int, newline string) string {
	var b strings.Builder
	at := 0
	for i, w := range words {
		switch {
		case i > 0 && at+1+len(w) > width:
			b.WriteString(newline)
			at = 0
		case i > 0:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(w)
		at += len(w)
	}
	return b.String()
}

// write lists all trust stores, or only those that trust the root.
func (r rootStatus) write(w io.Writer, all bool) {
	for _, s := range r.Stores {
		switch {
		case s.Trusted == nil:
			fmt.Fprintf(w, "unknown     %s: %s (%s)\n", s.Name, s.Error, s.Hint)
		case *s.Trusted:
			fmt.Fprintf(w, "trusted by  %s\n", s.Name)
		case all:
			fmt.Fprintf(w, "not by      %s\n", s.Name)
		}
	}
}
