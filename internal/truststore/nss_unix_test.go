//go:build !windows

package truststore

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// database makes a real NSS database with another certificate in it.
func database(t *testing.T, dir string) {
	t.Helper()
	certutil, err := exec.LookPath("certutil")
	if err != nil {
		t.Skip("certutil is not installed (Debian: libnss3-tools)")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	other := newRoot(t, "other, with  blanks")
	for _, args := range [][]string{
		{"-N", "--empty-password"}, {"-A", "-n", "other, with  blanks", "-t", "C,,", "-a", "-i", other.File},
	} {
		if _, err := Run(t.Context(), append([]string{certutil, "-d", "sql:" + dir}, args...)); err != nil {
			t.Fatal(err)
		}
	}
}

// listing is what certutil lists of a database.
func listing(t *testing.T, dir string) string {
	t.Helper()
	b, err := Run(t.Context(), []string{"certutil", "-d", "sql:" + dir, "-L"})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func thisHome(t *testing.T) Machine {
	t.Helper()
	return Machine{Home: t.TempDir(), UID: os.Geteuid(), LookPath: exec.LookPath}
}

func TestNSS_trustedAndUntrustedEveryDatabaseIsAsBefore(t *testing.T) {
	m := thisHome(t)
	chrome := filepath.Join(m.Home, ".pki/nssdb")
	firefox := filepath.Join(m.Home, ".mozilla/firefox/abc.default-esr")
	database(t, chrome)
	database(t, firefox)
	stores := m.nss(linuxPlaces(noEnv), "")
	if len(stores) != 2 {
		t.Fatalf("found %v, want the two databases", stores)
	}
	before := listing(t, chrome) + listing(t, firefox)
	r := newRoot(t, "detour local CA for every host 1a2b3c4d")
	for _, way := range []struct {
		plans []Plan
		steps int
	}{
		{Untrust(t.Context(), Run, stores, r), 0},
		{Trust(t.Context(), Run, stores, r), 1},
	} {
		applyAll(t, way.plans, way.steps)
	}
	applyAll(t, Trust(t.Context(), Run, stores, r), 0)
	for _, s := range stores {
		if f := find(t, s, Run, r); !f.Trusted || len(f.Names) != 1 {
			t.Errorf("%s: %+v, want it trusted", s.Name(), f)
		}
		if f := find(t, s, Run, newRoot(t, "detour local CA for every host 1a2b3c4d")); !f.Nothing() {
			t.Errorf("%s: another of the same name is found: %+v", s.Name(), f)
		}
	}
	applyAll(t, Untrust(t.Context(), Run, stores, r), 1)
	applyAll(t, Untrust(t.Context(), Run, stores, r), 0)
	if after := listing(t, chrome) + listing(t, firefox); after != before {
		t.Errorf("before:\n%s\nafter:\n%s", before, after)
	}
}

func applyAll(t *testing.T, plans []Plan, steps int) {
	t.Helper()
	for _, p := range plans {
		if p.Err != nil || len(p.Steps) != steps {
			t.Fatalf("%s: %v, planned\n%s\nwant %d steps", p.Store.Name(), p.Err, commands(p.Steps), steps)
		}
		if err := p.Apply(t.Context(), Run, func(Step) {}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestNSS_whatABrowsersDialogImportedIsFoundAndTakenOut(t *testing.T) {
	m := thisHome(t)
	dir := filepath.Join(m.Home, ".pki/nssdb")
	database(t, dir)
	before := listing(t, dir)
	r := newRoot(t, "detour local CA 1a2b3c4d")
	const theirs = "detour local CA 1a2b3c4d - detour (local)"
	if _, err := Run(t.Context(), []string{"certutil", "-d", "sql:" + dir, "-A", "-n", theirs, "-t", ",,", "-a", "-i", r.File}); err != nil {
		t.Fatal(err)
	}
	stores := m.nss(linuxPlaces(noEnv), "")
	if f := find(t, stores[0], Run, r); f.Trusted || len(f.Names) != 1 || f.Names[0] != theirs {
		t.Errorf("found %+v, want it there without trust", f)
	}
	applyAll(t, Trust(t.Context(), Run, stores, r), 1)
	applyAll(t, Untrust(t.Context(), Run, stores, r), 1)
	if after := listing(t, dir); after != before {
		t.Errorf("before:\n%s\nafter:\n%s", before, after)
	}
}

func TestNSS_withoutCertutilThereIsAHint(t *testing.T) {
	home := t.TempDir()
	write(t, filepath.Join(home, ".pki/nssdb/cert9.db"), "")
	m := Machine{Home: home, LookPath: programs()}
	plan := Trust(t.Context(), nil, m.nss(linuxPlaces(noEnv), "install it"), newRoot(t, "x"))[0]
	var e *Error
	if !errors.As(plan.Err, &e) || e.Hint != "install it" || !strings.Contains(e.Error(), "certutil") {
		t.Errorf("%v, want an error with a hint", plan.Err)
	}
}

func noEnv(string) string { return "" }

func TestNSS_databasesAreFoundWhereBrowsersPutThem(t *testing.T) {
	home := t.TempDir()
	elsewhere := filepath.Join(t.TempDir(), "my profile")
	want := []string{
		".pki/nssdb", "snap/chromium/41/.pki/nssdb", ".var/app/com.google.Chrome/.pki/nssdb",
		".mozilla/firefox/a.default", "snap/firefox/common/.mozilla/firefox/b.default",
		".var/app/org.mozilla.firefox/.mozilla/firefox/c.default", ".config/mozilla/firefox/d.default",
	}
	for _, dir := range append(want, ".mozilla/thunderbird/no.default") {
		write(t, filepath.Join(home, dir, "cert9.db"), "")
	}
	write(t, filepath.Join(elsewhere, "cert9.db"), "")
	write(t, filepath.Join(home, ".mozilla/firefox/profiles.ini"),
		"[Profile1]\nName=x\nIsRelative=0\nPath="+elsewhere+"\n\n[Profile0]\r\nIsRelative=1\r\nPath=a.default\r\n[Profile2]\nIsRelative=0\nPath=/no/such\n[General]\nVersion=2\n")
	if err := os.Symlink("41", filepath.Join(home, "snap/chromium/current")); err != nil {
		t.Skip(err)
	}
	got := map[string]bool{}
	for _, s := range (Machine{Home: home, LookPath: programs()}).nss(linuxPlaces(noEnv), "") {
		got[s.(nssStore).dir] = true
	}
	for _, dir := range append(want, elsewhere) {
		if !filepath.IsAbs(dir) {
			dir = filepath.Join(home, dir)
		}
		if !got[dir] {
			t.Errorf("%s isn't found", dir)
		}
		delete(got, dir)
	}
	if len(got) != 0 {
		t.Errorf("found also %v", got)
	}
	xdg := t.TempDir()
	write(t, filepath.Join(xdg, "mozilla/firefox/f.default/cert9.db"), "")
	m := Machine{Home: t.TempDir(), LookPath: programs()}
	if got := m.nss(linuxPlaces(func(string) string { return xdg }), ""); len(got) != 1 {
		t.Errorf("with XDG_CONFIG_HOME: %v, want the one profile", got)
	}
	mac := t.TempDir()
	write(t, filepath.Join(mac, "Library/Application Support/Firefox/Profiles/e.default/cert9.db"), "")
	if got := (Machine{Home: mac, LookPath: programs()}).nss(darwinPlaces(), ""); len(got) != 1 {
		t.Errorf("on a Mac: %v, want the one profile", got)
	}
}

func TestNicknames_readsCertutilsTable(t *testing.T) {
	got := nicknames([]byte("\nCertificate Nickname                                         Trust Attributes\n" +
		"                                                             SSL,S/MIME,JAR/XPI\n\n" +
		"other, with comma  and spaces                                ,,   \n" +
		"a name that is far longer than the column of the table is wide, yes CT,C,C\nu u,u,u\n"))
	want := []nickname{
		{"other, with comma  and spaces", false},
		{"a name that is far longer than the column of the table is wide, yes", true},
		{"u", false},
	}
	if len(got) != len(want) {
		t.Fatalf("%+v, want %+v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%+v, want %+v", got[i], want[i])
		}
	}
}

func FuzzNicknames(f *testing.F) {
	f.Add("a b  C,,\n")
	f.Add(" ,, \n\tCT,C,C")
	f.Fuzz(func(t *testing.T, list string) {
		for _, n := range nicknames([]byte(list)) {
			if n.name == "" || strings.Contains(n.name, "\n") {
				t.Errorf("%q in %q", n.name, list)
			}
		}
	})
}

func FuzzProfiles(f *testing.F) {
	f.Add("[Profile0]\nIsRelative=0\nPath=/a\n")
	f.Add("Path=../../b\n[x")
	f.Fuzz(func(t *testing.T, ini string) {
		for _, p := range profiles(ini, os.TempDir()) {
			if !filepath.IsAbs(p) {
				t.Errorf("%q in %q", p, ini)
			}
		}
	})
}
