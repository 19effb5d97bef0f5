package catrust

import (
	"context"
	"errors"
	"strings"
	"testing"

	"detour/certs"
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

// An environment is a change of these stores, for the chain in a directory.
type environment struct {
	t     *testing.T
	chain decrypt.Chain
	Change
}

func newEnvironment(t *testing.T, dir string, stores ...*shelf) *environment {
	t.Helper()
	e := &environment{t: t, chain: decrypt.Chain{Dir: dir, Names: []string{"amazonaws.com"}}}
	byName := map[string]*shelf{}
	for _, s := range stores {
		s.has = map[string]bool{}
		byName[s.name] = s
		e.Stores = append(e.Stores, s)
	}
	e.Run = func(_ context.Context, args []string) ([]byte, error) {
		byName[args[1]].has[args[2]] = args[0] == "add"
		return nil, nil
	}
	return e
}

// do carries a change out and returns what it said.
func (e *environment) do(change func(*Change, context.Context, decrypt.Chain) error) (said string, err error) {
	e.t.Helper()
	var b strings.Builder
	ch := e.Change
	ch.Say = func(text string) { b.WriteString(text + "\n") }
	ch.Hint = func(text string) { b.WriteString("hint: " + text + "\n") }
	ch.Command = ch.Say
	if err := change(&ch, e.t.Context(), e.chain); err != nil {
		return b.String(), err
	}
	err = ch.End()
	return b.String(), err
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

func TestChange_aStoreThatIsStuckDoesntKeepTheOthersFromIt(t *testing.T) {
	dir := t.TempDir()
	stuck, free := &shelf{name: "stuck", stuck: &truststore.Error{Err: errors.New("no way"), Hint: "do that"}}, &shelf{name: "free"}
	e := newEnvironment(t, dir, stuck, free)
	said, err := e.do((*Change).Trust)
	if ue := usererr.As(err); ue == nil || ue.Class != usererr.Fail || !strings.Contains(err.Error(), "1 of the trust stores") {
		t.Errorf("ended with %v", err)
	}
	if free.count() != 1 || stuck.count() != 0 || !strings.Contains(said, "stuck: no way\nhint: do that\n") {
		t.Errorf("%d and %d have it:\n%s", free.count(), stuck.count(), said)
	}
}

func TestChange_aRetiredRootIsForgottenOnceNothingTrustsIt(t *testing.T) {
	dir := t.TempDir()
	a, b := &shelf{name: "a"}, &shelf{name: "b"}
	e := newEnvironment(t, dir, a, b)
	if _, err := e.do((*Change).Trust); err != nil {
		t.Fatal(err)
	}
	b.stuck = errors.New("locked")
	if said, err := e.do((*Change).Rotate); err == nil || !strings.Contains(said, "the old root is still trusted") {
		t.Errorf("the new root can't be added to b: %v\n%s", err, said)
	}
	wantRetired(t, dir, 1)

	b.stuck = nil
	e.DryRun = true
	if _, err := e.do((*Change).Trust); err != nil {
		t.Error(err)
	}
	wantRetired(t, dir, 1)
	e.DryRun, e.Partial = false, true
	if _, err := e.do((*Change).Trust); err != nil {
		t.Error(err)
	}
	wantRetired(t, dir, 1) // of the other stores nothing is known
	e.Partial = false
	if _, err := e.do((*Change).Trust); err != nil {
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
	if _, err := e.do((*Change).Rotate); err != nil {
		t.Fatal(err)
	}
	wantRetired(t, dir, 0)
	if a.has[ca.Root().Subject.CommonName] || a.count() != 1 {
		t.Error("the rotation has not moved the trust")
	}
	if _, err := e.do((*Change).Untrust); err != nil || a.count()+b.count() != 0 {
		t.Errorf("after untrust %d and %d are trusted: %v", a.count(), b.count(), err)
	}
}

func TestChange_aRotationMovesTrustNowhereElse(t *testing.T) {
	dir := t.TempDir()
	a, b := &shelf{name: "a"}, &shelf{name: "b"}
	e := newEnvironment(t, dir, a, b)
	all := e.Stores
	e.Stores = all[:1]
	if _, err := e.do((*Change).Trust); err != nil {
		t.Fatal(err)
	}
	e.Stores = all
	if _, err := e.do((*Change).Rotate); err != nil || a.count() != 1 || b.count() != 0 {
		t.Errorf("%d and %d: %v", a.count(), b.count(), err)
	}
}
