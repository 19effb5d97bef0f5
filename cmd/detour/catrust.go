package main

import (
	"fmt"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"detour/certs"
	"detour/internal/decrypt"
	"detour/internal/truststore"
)

// A change carries out plans and counts failures: a trust store that can't be changed
// doesn't stop the others.
type change struct {
	o       *caOptions
	c       *cobra.Command
	failed  int
	changed bool // a browser's own store
}

// apply carries out plans and reports whether all succeeded. idle begins the message
// about a store that needs no change; "": there is none.
func (ch *change) apply(plans []truststore.Plan, idle string) (ok bool) {
	ok = true
	for _, p := range plans {
		name := p.Store.Name()
		if err := ch.carryOut(p); err != nil {
			ch.wrong(name, err)
			ok = false
			continue
		}
		if len(p.Steps) == 0 && idle != "" {
			ch.o.say(ch.c, "%s %s", idle, name)
		}
		ch.changed = ch.changed || len(p.Steps) > 0 && p.Store.Kind() == truststore.NSS
	}
	return ok
}

// carryOut runs a plan; with --dry-run, it prints it.
func (ch *change) carryOut(p truststore.Plan) error {
	if !ch.o.dryRun {
		return p.Apply(ch.c.Context(), ch.o.run, func(s truststore.Step) { ch.o.say(ch.c, "%s", s.Say) })
	}
	for _, s := range p.Steps {
		ch.o.say(ch.c, "would %s", s.Say)
		fmt.Fprintln(ch.c.OutOrStdout(), truststore.Shell(s.Args))
	}
	return p.Err
}

func (ch *change) wrong(name string, err error) {
	ch.failed++
	ch.o.say(ch.c, "%s: %v", name, err)
	if hint := hintOf(err); hint != "" {
		fmt.Fprintln(ch.c.ErrOrStderr(), "hint: "+hint)
	}
}

// end is the outcome as a whole.
func (ch *change) end() error {
	if ch.changed && !ch.o.dryRun {
		ch.o.say(ch.c, "restart running browsers for this to take effect")
	}
	if ch.failed > 0 {
		return failed("the others were changed; detour ca shows the current state", "%d of the trust stores could not be changed", ch.failed)
	}
	return nil
}

func (o *caOptions) trust(c *cobra.Command) error {
	if len(o.stores) == 0 {
		return failed("import the file that detour ca path prints", "detour found no trust store that it supports")
	}
	ch := &change{o: o, c: c}
	for _, s := range o.specs {
		ca, err := toTrust(s, o.dryRun)
		if err != nil {
			return failed("--ca-dir names another directory", "%w", err)
		}
		root := truststore.Root{Cert: ca.Root(), File: rootFile(s)}
		if ca.Path() == "" {
			o.say(c, "there is no chain in %s yet; the fingerprint of the new one will differ from the one below", s.Dir)
		}
		o.say(c, "%s, SHA-256 %s, in %s", root.Cert.Subject.CommonName, ca.RootFingerprint(), root.File)
		if ca.Unconstrained() {
			o.say(c, "warning: this root can sign for every host on the web; detour ca untrust --decrypt all undoes this")
		}
		if !ch.apply(truststore.Trust(c.Context(), o.run, o.stores, root), "already trusted by") {
			continue // a trusted old root is better than none
		}
		if err := ch.retireAll(s.Dir); err != nil {
			return err
		}
	}
	return ch.end()
}

// toTrust returns the chain on disk, and creates it if there is none. A dry run creates
// one in memory instead.
func toTrust(c decrypt.Chain, dry bool) (*certs.CA, error) {
	if ca, err := c.Load(); dry && (ca != nil || err != nil) {
		return ca, err
	}
	return c.Open(dry, time.Now())
}

func (o *caOptions) untrust(c *cobra.Command) error {
	ch := &change{o: o, c: c}
	for _, s := range o.specs {
		ca, err := s.Load()
		if err != nil {
			return err
		}
		retired, err := certs.Retired(s.Dir)
		if err != nil {
			return err
		}
		if ca == nil && len(retired) == 0 {
			o.say(c, "there is no signing chain in %s, so there is nothing to undo", s.Dir)
		}
		if ca != nil {
			root := truststore.Root{Cert: ca.Root(), File: absolute(ca.Path())}
			ch.apply(truststore.Untrust(c.Context(), o.run, o.stores, root), "not trusted by")
		}
		if err := ch.retireAll(s.Dir); err != nil {
			return err
		}
	}
	return ch.end()
}

// retireAll removes the roots that a directory's chain replaced.
func (ch *change) retireAll(dir string) error {
	all, err := certs.Retired(dir)
	for _, r := range all {
		if err := ch.retire(r); err != nil {
			return err
		}
	}
	return err
}

// retire removes a retired root from all trust stores. Once nothing trusts it, it is
// forgotten.
func (ch *change) retire(r certs.RetiredRoot) error {
	root := truststore.Root{Cert: r.Cert, File: absolute(r.Path)}
	ok := ch.apply(truststore.Untrust(ch.c.Context(), ch.o.run, ch.o.stores, root), "")
	if !ok || ch.o.dryRun || ch.o.store != "" {
		return nil
	}
	return r.Forget()
}

func (o *caOptions) rotate(c *cobra.Command) error {
	ch := &change{o: o, c: c}
	for _, s := range o.specs {
		old, err := onDisk(s)
		if err != nil {
			return err
		}
		var trusting []truststore.Store
		for _, p := range truststore.Untrust(c.Context(), o.run, o.stores, truststore.Root{Cert: old.Root()}) {
			if p.Found.Trusted {
				trusting = append(trusting, p.Store)
			}
		}
		ca, err := s.Replace(old, o.dryRun, time.Now())
		if err != nil {
			return err
		}
		root := truststore.Root{Cert: ca.Root(), File: rootFile(s)}
		if o.dryRun {
			o.say(c, "would create a new chain in %s; its fingerprint will differ from the one below", s.Dir)
		} else {
			o.say(c, "created a new chain: %s, SHA-256 %s, in %s", root.Cert.Subject.CommonName, ca.RootFingerprint(), root.File)
		}
		if !ch.apply(truststore.Trust(c.Context(), o.run, trusting, root), "") {
			o.say(c, "the old root is still trusted where it was; run detour ca trust to continue")
			continue
		}
		if o.dryRun {
			err = ch.retire(certs.RetiredRoot{Cert: old.Root(), Path: rootFile(s)})
		} else {
			err = ch.retireAll(s.Dir)
		}
		if err != nil {
			return err
		}
	}
	return ch.end()
}

// rootFile is the certificate to trust.
func rootFile(c decrypt.Chain) string { return absolute(filepath.Join(c.Dir, "ca.pem")) }
