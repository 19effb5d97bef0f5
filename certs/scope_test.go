package certs

import (
	"bytes"
	"crypto/x509"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func storedUnconstrainedCA(t *testing.T) (string, *CA) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "all")
	ca, err := OpenUnconstrained(dir, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return dir, ca
}

func TestUnconstrained_signsForEveryHostAndAddressAndIsNamedForIt(t *testing.T) {
	memory, err := EphemeralUnconstrained(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	_, disk := storedUnconstrainedCA(t)
	for _, ca := range []*CA{memory, disk} {
		if !ca.Unconstrained() || ca.Permitted() != nil {
			t.Errorf("limited to %q", ca.Permitted())
		}
		for _, c := range []*x509.Certificate{ca.root, ca.inter} {
			if !strings.Contains(c.Subject.CommonName, "for every host") {
				t.Errorf("%q doesn't say what it may do", c.Subject.CommonName)
			}
		}
		for asked, name := range map[string]string{
			logs: logs, "Bank.Example.": "bank.example",
			"203.0.113.10": "203.0.113.10", "2001:db8::1": "2001:db8::1", "::ffff:10.0.0.1": "10.0.0.1",
		} {
			c, err := ca.Leaf(asked)
			if err != nil {
				t.Errorf("%s: %v", asked, err)
				continue
			}
			if err := verify(ca, c.Certificate, name); err != nil {
				t.Errorf("%s: %v", asked, err)
			}
		}
		for _, bad := range []string{"", "a b", "fe80::1%eth0", "[::1]"} {
			if _, err := ca.Leaf(bad); !errors.Is(err, ErrInvalidName) {
				t.Errorf("%q: %v, want no certificate", bad, err)
			}
		}
	}
}

func TestConstrained_signsForNoAddress(t *testing.T) {
	ca := ephemeral(t)
	if ca.Unconstrained() || strings.Join(ca.Permitted(), " ") != strings.Join(suffixes, " ") {
		t.Errorf("may sign for %q", ca.Permitted())
	}
	for _, name := range []string{"203.0.113.10", "::1"} {
		if _, err := ca.Leaf(name); err == nil {
			t.Errorf("a leaf for %s", name)
		}
	}
}

func TestOpen_rejectsAChainOfTheOtherKind(t *testing.T) {
	limited, _ := storedCA(t)
	all, _ := storedUnconstrainedCA(t)
	for dir, open := range map[string]func(string) (*CA, error){
		limited: func(dir string) (*CA, error) { return OpenUnconstrained(dir, time.Now()) },
		all:     func(dir string) (*CA, error) { return Open(dir, suffixes, time.Now()) },
	} {
		before := contents(t, dir)
		if _, err := open(dir); err == nil || !strings.Contains(err.Error(), "choose another directory") {
			t.Errorf("got %v, want an error with a hint", err)
		}
		if contents(t, dir) != before {
			t.Error("the files were changed")
		}
	}
	if ca, err := OpenUnconstrained(all, time.Now()); err != nil || ca.Renewed() != "" {
		t.Errorf("its own kind: %v", err)
	}
}

func TestLoad_returnsTheChainOrCreatesNothing(t *testing.T) {
	limited, a := storedCA(t)
	all, b := storedUnconstrainedCA(t)
	for dir, want := range map[string]*CA{limited: a, all: b} {
		got, err := Load(dir)
		if err != nil || !got.Root().Equal(want.Root()) || got.Path() != want.Path() || got.Unconstrained() != want.Unconstrained() {
			t.Errorf("%s: %v, want the chain that was made there", dir, err)
		}
	}
	for _, dir := range []string{t.TempDir(), filepath.Join(t.TempDir(), "absent")} {
		if _, err := Load(dir); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("without a chain: %v", err)
		}
		if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) != 0 {
			t.Errorf("made %v", left)
		}
	}
}

func TestRotate_replacesTheChainAndRetiresItsRoot(t *testing.T) {
	limited, _ := storedCA(t)
	all, _ := storedUnconstrainedCA(t)
	for _, dir := range []string{limited, all} {
		first, err := Load(dir)
		if err != nil {
			t.Fatal(err)
		}
		second, err := first.Rotate(time.Now())
		if err != nil {
			t.Fatal(err)
		}
		third, err := second.Rotate(time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if third.RootFingerprint() == first.RootFingerprint() || third.Unconstrained() != first.Unconstrained() ||
			strings.Join(third.Permitted(), " ") != strings.Join(first.Permitted(), " ") {
			t.Errorf("rotated to %q", third.Permitted())
		}
		if now, err := Load(dir); err != nil || !bytes.Equal(now.RootPEM(), third.RootPEM()) {
			t.Errorf("the directory has another chain: %v", err)
		}
		wantRetired(t, dir, first, second)
		forget(t, dir, first)
		wantRetired(t, dir, second)
	}
	if _, err := ephemeral(t).Rotate(time.Now()); err == nil {
		t.Error("a chain in memory was rotated")
	}
}

func TestRetired_listsARootWhoseKeyIsMissing(t *testing.T) {
	dir, ca := storedCA(t)
	wantRetired(t, dir)
	if err := os.Remove(filepath.Join(dir, keyFile)); err != nil {
		t.Fatal(err)
	}
	wantRetired(t, dir, ca)
	forget(t, dir, ca)
	wantRetired(t, dir)
	wantRetired(t, filepath.Join(dir, "absent"))
}

func wantRetired(t *testing.T, dir string, want ...*CA) {
	t.Helper()
	got, err := Retired(dir)
	if err != nil || len(got) != len(want) {
		t.Fatalf("%d roots are retired, want %d (%v)", len(got), len(want), err)
	}
	for _, w := range want {
		if !slices.ContainsFunc(got, func(r RetiredRoot) bool { return r.Cert.Equal(w.Root()) }) {
			t.Errorf("%s isn't kept", w.Root().Subject.CommonName)
		}
	}
}

func forget(t *testing.T, dir string, ca *CA) {
	t.Helper()
	all, err := Retired(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range all {
		if r.Cert.Equal(ca.Root()) {
			if err := r.Forget(); err != nil {
				t.Fatal(err)
			}
		}
	}
}
