// Package catrust makes a machine's trust stores trust a signing chain
// ([Change.Trust]), undoes that ([Change.Untrust]), and replaces a chain together with
// the trust in it ([Change.Rotate]). [StatusOf] reports what trusts a chain.
package catrust

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"detour/certs"
	"detour/internal/decrypt"
	"detour/internal/truststore"
	"detour/internal/usererr"
)

// A Change changes trust stores, for one chain after the other, and counts failures: a
// store that can't be changed doesn't stop the others. [Change.End] is its outcome. All
// fields but Partial and DryRun are required.
type Change struct {
	Stores  []truststore.Store
	Partial bool // Stores are not all of the machine's
	DryRun  bool // nothing is changed; commands are given to Command instead
	Run     truststore.Runner
	Say     func(text string) // takes what is done, a sentence each
	Hint    func(text string) // takes what to do about a store that can't be changed
	Command func(line string) // takes each command of a dry run, as a shell's line

	failed   int
	browsers bool // a browser's own store was changed
}

func (ch *Change) say(format string, args ...any) { ch.Say(fmt.Sprintf(format, args...)) }

// Trust makes the stores trust a chain, which is created if it doesn't exist. Roots that
// it replaced are not trusted afterwards.
func (ch *Change) Trust(ctx context.Context, c decrypt.Chain) error {
	ca, err := ch.toTrust(c)
	if err != nil {
		return usererr.Failf("--ca-dir selects another directory", "%w", err)
	}
	root := truststore.Root{Cert: ca.Root(), File: c.RootFile()}
	if ca.Path() == "" {
		ch.say("there is no chain in %s yet; the fingerprint of the new one will differ from the one below", c.Dir)
	}
	ch.say("%s, SHA-256 %s, in %s", root.Cert.Subject.CommonName, ca.RootFingerprint(), root.File)
	if ca.Unconstrained() {
		ch.say("warning: this root can sign for every host on the web; detour ca untrust --decrypt all undoes this")
	}
	if !ch.apply(ctx, truststore.Trust(ctx, ch.Run, ch.Stores, root), "already trusted by") {
		return nil // a trusted old root is better than none
	}
	return ch.retireAll(ctx, c.Dir)
}

// toTrust returns the chain on disk, and creates it if there is none. A dry run creates
// one in memory instead.
func (ch *Change) toTrust(c decrypt.Chain) (*certs.CA, error) {
	if ca, err := c.Load(); ch.DryRun && (ca != nil || err != nil) {
		return ca, err
	}
	return c.Open(ch.DryRun, time.Now())
}

// Untrust removes a chain, and those that it replaced, from the stores.
func (ch *Change) Untrust(ctx context.Context, c decrypt.Chain) error {
	ca, err := c.Load()
	if err != nil {
		return err
	}
	retired, err := certs.Retired(c.Dir)
	if err != nil {
		return err
	}
	if ca == nil && len(retired) == 0 {
		ch.say("there is no signing chain in %s, so there is nothing to undo", c.Dir)
	}
	if ca != nil {
		root := truststore.Root{Cert: ca.Root(), File: c.RootFile()}
		ch.apply(ctx, truststore.Untrust(ctx, ch.Run, ch.Stores, root), "not trusted by")
	}
	return ch.retireAll(ctx, c.Dir)
}

// Rotate creates another chain in place of the one on disk, and makes those stores trust
// it that trust the old one.
func (ch *Change) Rotate(ctx context.Context, c decrypt.Chain) error {
	old, err := c.Existing()
	if err != nil {
		return err
	}
	var trusting []truststore.Store
	for _, p := range truststore.Untrust(ctx, ch.Run, ch.Stores, truststore.Root{Cert: old.Root()}) {
		if p.Found.Trusted {
			trusting = append(trusting, p.Store)
		}
	}
	ca, err := c.Replace(old, ch.DryRun, time.Now())
	if err != nil {
		return err
	}
	root := truststore.Root{Cert: ca.Root(), File: c.RootFile()}
	if ch.DryRun {
		ch.say("would create a new chain in %s; its fingerprint will differ from the one below", c.Dir)
	} else {
		ch.say("created a new chain: %s, SHA-256 %s, in %s", root.Cert.Subject.CommonName, ca.RootFingerprint(), root.File)
	}
	if !ch.apply(ctx, truststore.Trust(ctx, ch.Run, trusting, root), "") {
		ch.say("the old root is still trusted where it was; run detour ca trust to continue")
		return nil
	}
	if ch.DryRun {
		return ch.retire(ctx, certs.RetiredRoot{Cert: old.Root(), Path: c.RootFile()})
	}
	return ch.retireAll(ctx, c.Dir)
}

// End is the outcome of the whole change.
func (ch *Change) End() error {
	if ch.browsers && !ch.DryRun {
		ch.say("restart running browsers for this to take effect")
	}
	if ch.failed > 0 {
		return usererr.Failf("the others were changed; detour ca shows the current state",
			"%d of the trust stores could not be changed", ch.failed)
	}
	return nil
}

// retireAll removes the roots that a directory's chain replaced.
func (ch *Change) retireAll(ctx context.Context, dir string) error {
	all, err := certs.Retired(dir)
	for _, r := range all {
		if err := ch.retire(ctx, r); err != nil {
			return err
		}
	}
	return err
}

// retire removes a retired root from the stores. Once nothing trusts it, it is forgotten.
func (ch *Change) retire(ctx context.Context, r certs.RetiredRoot) error {
	root := truststore.Root{Cert: r.Cert, File: absolute(r.Path)}
	ok := ch.apply(ctx, truststore.Untrust(ctx, ch.Run, ch.Stores, root), "")
	if !ok || ch.DryRun || ch.Partial {
		return nil
	}
	return r.Forget()
}

// apply carries out plans and reports whether all succeeded. idle begins the message
// about a store that needs no change; "": there is none.
func (ch *Change) apply(ctx context.Context, plans []truststore.Plan, idle string) (ok bool) {
	ok = true
	for _, p := range plans {
		if err := ch.carryOut(ctx, p); err != nil {
			ch.fail(p.Store.Name(), err)
			ok = false
			continue
		}
		if len(p.Steps) == 0 && idle != "" {
			ch.say("%s %s", idle, p.Store.Name())
		}
		ch.browsers = ch.browsers || len(p.Steps) > 0 && p.Store.Kind() == truststore.NSS
	}
	return ok
}

// carryOut runs a plan; in a dry run, it prints it.
func (ch *Change) carryOut(ctx context.Context, p truststore.Plan) error {
	if !ch.DryRun {
		return p.Apply(ctx, ch.Run, func(s truststore.Step) { ch.Say(s.Say) })
	}
	for _, s := range p.Steps {
		ch.say("would %s", s.Say)
		ch.Command(truststore.Shell(s.Args))
	}
	return p.Err
}

func (ch *Change) fail(store string, err error) {
	ch.failed++
	ch.say("%s: %v", store, err)
	if hint := hintOf(err); hint != "" {
		ch.Hint(hint)
	}
}

// absolute is a path for a command that may run in another directory.
func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}
