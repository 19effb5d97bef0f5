package main

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"detour/certs"
	"detour/internal/aws"
	"detour/internal/decrypt"
	"detour/internal/truststore"
	"detour/internal/usererr"
)

// A shelf is a trust store that is a list of names.
type shelf struct {
	name  string
	has   map[string]bool
	stuck error // why it can't be changed; nil: it can
}

func (s *shelf) Name() string { return s.name }

func (s *shelf) Kind() string { return truststore.NSS }

func (s *shelf) Find(_ context.Context, _ truststore.Runner, r truststore.Root) (f truststore.Found, err error) {
	if name := r.Cert.Subject.CommonName; s.has[name] {
		f.Trusted, f.Names = true, []string{name}
	}
	return f, nil
}

func (s *shelf) Add(r truststore.Root) ([]truststore.Step, error) {
	return []truststore.Step{{Say: "add", Args: []string{"add", s.name, r.Cert.Subject.CommonName}}}, s.stuck
}

func (s *shelf) Remove(_ truststore.Root, f truststore.Found) ([]truststore.Step, error) {
	return []truststore.Step{{Say: "remove", Args: []string{"remove", s.name, f.Names[0]}}}, s.stuck
}

// shelves is a detour ca with these stores.
func shelves(t *testing.T, dir string, stores ...*shelf) (o *caOptions, do func(func(*caOptions, *cobra.Command) error) (string, error)) {
	t.Helper()
	tables, err := aws.Load()
	if err != nil {
		t.Fatal(err)
	}
	o = &caOptions{specs: decrypt.Selection{AWS: true}.Chains(dir, tables.Suffixes())}
	byName := map[string]*shelf{}
	for _, s := range stores {
		s.has = map[string]bool{}
		byName[s.name] = s
		o.stores = append(o.stores, s)
	}
	o.run = func(_ context.Context, args []string) ([]byte, error) {
		byName[args[1]].has[args[2]] = args[0] == "add"
		return nil, nil
	}
	return o, func(command func(*caOptions, *cobra.Command) error) (string, error) {
		var said bytes.Buffer
		c := &cobra.Command{}
		c.SetContext(t.Context())
		c.SetOut(&said)
		c.SetErr(&said)
		err := command(o, c)
		return said.String(), err
	}
}

func (s *shelf) count() (n int) {
	for _, has := range s.has {
		if has {
			n++
		}
	}
	return n
}

func wantRetired(t *testing.T, dir string, n int) {
	t.Helper()
	if got, err := certs.Retired(dir); err != nil || len(got) != n {
		t.Errorf("%d roots are retired, want %d (%v)", len(got), n, err)
	}
}

func TestCA_aStoreThatIsStuckDoesntKeepTheOthersFromIt(t *testing.T) {
	dir := t.TempDir()
	stuck, free := &shelf{name: "stuck", stuck: &truststore.Error{Err: errors.New("no way"), Hint: "do that"}}, &shelf{name: "free"}
	_, do := shelves(t, dir, stuck, free)
	said, err := do((*caOptions).trust)
	if ue := usererr.As(err); ue == nil || ue.Class != usererr.Fail || !strings.Contains(err.Error(), "1 of the trust stores") {
		t.Errorf("ended with %v", err)
	}
	if free.count() != 1 || stuck.count() != 0 || !strings.Contains(said, "detour: stuck: no way\nhint: do that\n") {
		t.Errorf("%d and %d have it:\n%s", free.count(), stuck.count(), said)
	}
}

func TestCA_aRetiredRootIsForgottenOnceNothingTrustsIt(t *testing.T) {
	dir := t.TempDir()
	a, b := &shelf{name: "a"}, &shelf{name: "b"}
	o, do := shelves(t, dir, a, b)
	if _, err := do((*caOptions).trust); err != nil {
		t.Fatal(err)
	}
	b.stuck = errors.New("locked")
	if said, err := do((*caOptions).rotate); err == nil || !strings.Contains(said, "the old root is still trusted") {
		t.Errorf("the new root can't be added to b: %v\n%s", err, said)
	}
	wantRetired(t, dir, 1)

	b.stuck = nil
	o.dryRun = true
	if _, err := do((*caOptions).trust); err != nil {
		t.Error(err)
	}
	wantRetired(t, dir, 1)
	o.dryRun, o.store = false, truststore.NSS
	if _, err := do((*caOptions).trust); err != nil {
		t.Error(err)
	}
	wantRetired(t, dir, 1) // of the other stores nothing is known
	o.store = ""
	if _, err := do((*caOptions).trust); err != nil {
		t.Error(err)
	}
	wantRetired(t, dir, 0)
	if a.count() != 1 || b.count() != 1 {
		t.Errorf("%d and %d roots are trusted, want the new one alone", a.count(), b.count())
	}

	ca, err := certs.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := do((*caOptions).rotate); err != nil {
		t.Fatal(err)
	}
	wantRetired(t, dir, 0)
	if a.has[ca.Root().Subject.CommonName] || a.count() != 1 {
		t.Error("the rotation has not moved the trust")
	}
	if _, err := do((*caOptions).untrust); err != nil || a.count()+b.count() != 0 {
		t.Errorf("after untrust %d and %d are trusted: %v", a.count(), b.count(), err)
	}
}

func TestCA_aRotationMovesTrustNowhereElse(t *testing.T) {
	dir := t.TempDir()
	a, b := &shelf{name: "a"}, &shelf{name: "b"}
	o, do := shelves(t, dir, a, b)
	all := o.stores
	o.stores = all[:1]
	if _, err := do((*caOptions).trust); err != nil {
		t.Fatal(err)
	}
	o.stores = all
	if _, err := do((*caOptions).rotate); err != nil || a.count() != 1 || b.count() != 0 {
		t.Errorf("%d and %d: %v", a.count(), b.count(), err)
	}
}

func TestCA_withoutAStoreItSaysWhatToDo(t *testing.T) {
	_, do := shelves(t, t.TempDir())
	if _, err := do((*caOptions).trust); usererr.As(err) == nil || usererr.As(err).Hint == "" {
		t.Errorf("%v, want a hint", err)
	}
}
