package catrust

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"detour/certs"
	"detour/internal/decrypt"
	"detour/internal/truststore"
)

// A Status is a signing chain on disk, and what trusts it. If there is no chain, it has a
// directory only. It is part of the JSON that detour ca prints.
type Status struct {
	Dir       string       `json:"dir"`
	Root      *RootStatus  `json:"root,omitempty"`
	Permitted []string     `json:"permitted,omitempty"`  // DNS suffixes
	EveryHost bool         `json:"every_host,omitempty"` // it may sign for every host
	Retired   []RootStatus `json:"retired,omitempty"`    // roots that it replaced
}

// A RootStatus is a root and what trusts it.
type RootStatus struct {
	Name      string        `json:"name"`
	Path      string        `json:"path"`
	SHA256    string        `json:"sha256"`
	NotBefore time.Time     `json:"not_before"`
	NotAfter  time.Time     `json:"not_after"`
	Stores    []StoreStatus `json:"stores"`
}

// A StoreStatus is whether a trust store trusts a root, or why that is unknown.
type StoreStatus struct {
	Name       string `json:"name"`
	Kind       string `json:"kind"`
	Trusted    *bool  `json:"trusted,omitempty"`
	Distrusted bool   `json:"distrusted,omitempty"` // it is among those that nobody may trust
	Error      string `json:"error,omitempty"`
	Hint       string `json:"hint,omitempty"`
}

// StatusOf returns the status of a chain in these trust stores. run runs their commands.
func StatusOf(ctx context.Context, c decrypt.Chain, stores []truststore.Store, run truststore.Runner) (st Status, err error) {
	st.Dir = absolute(c.Dir)
	ca, err := c.Load()
	if err != nil {
		return st, err
	}
	if ca != nil {
		root := rootStatusOf(ctx, ca.Root(), c.RootFile(), stores, run)
		st.Root, st.Permitted, st.EveryHost = &root, ca.Permitted(), ca.Unconstrained()
	}
	retired, err := certs.Retired(c.Dir)
	for _, r := range retired {
		st.Retired = append(st.Retired, rootStatusOf(ctx, r.Cert, absolute(r.Path), stores, run))
	}
	return st, err
}

func rootStatusOf(ctx context.Context, cert *x509.Certificate, path string, stores []truststore.Store, run truststore.Runner) RootStatus {
	sum := sha256.Sum256(cert.Raw)
	st := RootStatus{
		Name: cert.Subject.CommonName, Path: path, SHA256: hex.EncodeToString(sum[:]),
		NotBefore: cert.NotBefore.UTC(), NotAfter: cert.NotAfter.UTC(), Stores: []StoreStatus{},
	}
	for _, s := range stores {
		is := StoreStatus{Name: s.Name(), Kind: s.Kind()}
		f, err := s.Find(ctx, run, truststore.Root{Cert: cert, File: path})
		if err == nil {
			is.Trusted, is.Distrusted = &f.Trusted, f.Distrusted
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

// Write prints the status as text.
func (st Status) Write(w io.Writer) {
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
func (r RootStatus) write(w io.Writer, all bool) {
	for _, s := range r.Stores {
		switch {
		case s.Trusted == nil:
			fmt.Fprintf(w, "unknown         %s: %s (%s)\n", s.Name, s.Error, s.Hint)
		case *s.Trusted:
			fmt.Fprintf(w, "trusted by      %s\n", s.Name)
		case s.Distrusted:
			fmt.Fprintf(w, "distrusted by   %s\n", s.Name)
		case all:
			fmt.Fprintf(w, "not trusted by  %s\n", s.Name)
		}
	}
}
