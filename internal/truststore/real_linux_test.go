package truststore

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestSystem_realOneIsAsBefore changes for a second what this machine trusts, so it runs
// only where that is asked for, as in CI's containers.
func TestSystem_realOneIsAsBefore(t *testing.T) {
	switch {
	case os.Getenv("CI") == "" && os.Getenv("DETOUR_SYSTEM_TESTS") == "":
		t.Skip("changes what this machine trusts; DETOUR_SYSTEM_TESTS=1 runs it")
	case os.Geteuid() != 0:
		t.Skip("needs root")
	}
	m := thisHome(t)
	stores := m.system()
	if len(stores) == 0 {
		t.Skip("this system's store isn't one that detour knows")
	}
	store := stores[0].(systemStore)
	l := store.layout
	// What is pending from before is done first, so that it isn't part of the difference.
	if _, err := Run(t.Context(), l.update(store.tool)); err != nil {
		t.Fatal(err)
	}
	before := state(t, l)
	r := newRoot(t, "detour test, to be removed")
	t.Cleanup(func() { // whatever happens
		for _, p := range Untrust(t.Context(), Run, stores, r) {
			if err := p.Apply(t.Context(), Run, func(Step) {}); err != nil {
				t.Error(err)
			}
		}
	})
	applyAll(t, Trust(t.Context(), Run, stores, r), 2)
	applyAll(t, Trust(t.Context(), Run, stores, r), 0)
	if state(t, l) == before {
		t.Error("nothing has changed")
	}
	if openssl, err := exec.LookPath("openssl"); err == nil {
		if out, err := Run(t.Context(), []string{openssl, "verify", "-CAfile", l.bundle, r.File}); err != nil {
			t.Errorf("openssl doesn't trust it: %s %v", out, err)
		}
	}
	applyAll(t, Untrust(t.Context(), Run, stores, r), 2)
	applyAll(t, Untrust(t.Context(), Run, stores, r), 0)
	if after := state(t, l); after != before {
		t.Errorf("before:\n%s\nafter:\n%s", before, after)
	}
}

// state is the bundle's hash, and the files and links next to it and among the anchors.
func state(t *testing.T, l layout) string {
	t.Helper()
	bundle, err := os.ReadFile(l.bundle)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(bundle)
	lines := []string{hex.EncodeToString(sum[:])}
	for _, dir := range []string{filepath.Dir(l.bundle), l.anchors} {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			to, _ := os.Readlink(filepath.Join(dir, e.Name()))
			lines = append(lines, filepath.Join(dir, e.Name())+" "+to)
		}
	}
	return strings.Join(append(lines, javas(t)...), "\n")
}

// javas are the certificates that Java's programs trust, which Debian updates with a
// hook.
func javas(t *testing.T) []string {
	t.Helper()
	const keystore = "/etc/ssl/certs/java/cacerts"
	keytool, err := exec.LookPath("keytool")
	if _, statErr := os.Stat(keystore); err != nil || statErr != nil {
		return nil
	}
	b, err := Run(t.Context(), []string{keytool, "-list", "-keystore", keystore, "-storepass", "changeit"})
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(b), "\n")
	slices.Sort(lines)
	return lines
}
