//go:build linux

package browser

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// userHome makes a HOME with some entries, and a profile beside it.
func userHome(t *testing.T) (user string, p profile) {
	t.Helper()
	if findCertutil() == "" {
		t.Skip("needs NSS's certutil (Debian: libnss3-tools)")
	}
	user = t.TempDir()
	for _, d := range []string{"Documents", ".fonts"} {
		if err := os.Mkdir(filepath.Join(user, d), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("HOME", user)
	for _, v := range []string{"XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"} {
		t.Setenv(v, "")
	}
	return user, profile{dir: t.TempDir()}
}

// ownDatabase makes an NSS database with a certificate, in a file of its own if password
// is empty, otherwise protected by it.
func ownDatabase(t *testing.T, dir, name, password string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	secret, root := filepath.Join(t.TempDir(), "password"), filepath.Join(t.TempDir(), "root.pem")
	for file, text := range map[string]string{secret: password + "\n", root: string(signer(t).RootPEM())} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"-N"}, {"-A", "-n", name, "-t", "C,,", "-a", "-i", root}} {
		args = append(args, "-d", "sql:"+dir, "-f", secret)
		if out, err := exec.CommandContext(t.Context(), findCertutil(), args...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %v: %s", args, err, out)
		}
	}
}

// trusted lists the nicknames of a database that are trusted for web servers.
func trusted(t *testing.T, dir string) (names []string) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), findCertutil(), "-L", "-d", "sql:"+dir).Output()
	if err != nil {
		t.Fatal(err)
	}
	for l := range strings.Lines(string(out)) {
		if f := strings.Fields(l); len(f) == 2 && f[1] == "C,," {
			names = append(names, f[0])
		}
	}
	slices.Sort(names)
	return names
}

func TestPrivateHome_trustsTheUsersCAsAndTheRunsAndLeavesTheUsersDatabaseAsItIs(t *testing.T) {
	for _, place := range []string{".pki/nssdb", ".local/share/pki/nssdb"} {
		t.Run(place, func(t *testing.T) {
			user, p := userHome(t)
			own := filepath.Join(user, place)
			ownDatabase(t, own, "company", "")
			h, note, err := newPrivateHome(t.Context(), p, append(signer(t).RootPEM(), signer(t).RootPEM()...))
			if err != nil || note != "" {
				t.Fatal(note, err)
			}
			if got, want := trusted(t, filepath.Join(h.dir, ".pki", "nssdb")), []string{"company", "detour", "detour-2"}; !slices.Equal(got, want) {
				t.Errorf("trusts %q, want %q", got, want)
			}
			if got := trusted(t, own); !slices.Equal(got, []string{"company"}) {
				t.Errorf("the user's database has %q", got)
			}
		})
	}
}

func TestPrivateHome_aDatabaseWithAPasswordIsLeftOutAndSaid(t *testing.T) {
	user, p := userHome(t)
	own := filepath.Join(user, ".pki", "nssdb")
	ownDatabase(t, own, "company", "secret")
	h, note, err := newPrivateHome(t.Context(), p, signer(t).RootPEM())
	if err != nil || !strings.Contains(note, own) {
		t.Errorf("note %q, %v", note, err)
	}
	if got := trusted(t, filepath.Join(h.dir, ".pki", "nssdb")); !slices.Equal(got, []string{"detour"}) {
		t.Errorf("trusts %q", got)
	}
}

func TestPrivateHome_hasWhatTheUsersHasButTheDatabaseAndItsEndLeavesThat(t *testing.T) {
	user, p := userHome(t)
	h, _, err := newPrivateHome(t.Context(), p, signer(t).RootPEM())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"Documents", ".fonts"} {
		if to, err := os.Readlink(filepath.Join(h.dir, name)); err != nil || to != filepath.Join(user, name) {
			t.Errorf("%s leads to %q, %v", name, to, err)
		}
	}
	want := []string{
		"HOME=" + h.dir, "XDG_CONFIG_HOME=" + user + "/.config", "XDG_DATA_HOME=" + user + "/.local/share",
		"XDG_STATE_HOME=" + user + "/.local/state", "XDG_CACHE_HOME=" + user + "/.cache",
	}
	if got := h.environment(); !slices.Equal(got, want) {
		t.Errorf("environment %q, want %q", got, want)
	}
	p.home = h
	if got := p.discarded(); got != h.dir {
		t.Errorf("if detour is killed, %q is removed", got)
	}
	p.end()
	if !gone(h.dir) || gone(filepath.Join(user, "Documents")) {
		t.Error("the end removes too little or too much")
	}
}

func TestPrivateHome_isNoneWhereChromiumDoesNotReadIt(t *testing.T) {
	_, p := userHome(t)
	confined := p
	confined.confined = true
	for name, try := range map[string]func() (privateHome, string, error){
		"a snap or flatpak": func() (privateHome, string, error) { return newPrivateHome(t.Context(), confined, signer(t).RootPEM()) },
		"nothing to trust":  func() (privateHome, string, error) { return newPrivateHome(t.Context(), p, nil) },
		"no certutil in PATH": func() (privateHome, string, error) {
			hideCertutil(t, nil)
			return newPrivateHome(t.Context(), p, signer(t).RootPEM())
		},
	} {
		if h, note, err := try(); h.dir != "" || note != "" || err != nil || !gone(filepath.Join(p.dir, privateHomeName)) {
			t.Errorf("%s: %+v, %q, %v", name, h, note, err)
		}
	}
}

// A list of keys accepts every name, so a browser must never have both.
func TestStart_theListOfKeysIsGivenOnlyWithoutAPrivateHome(t *testing.T) {
	userHome(t)
	for _, roots := range [][]byte{nil, signer(t).RootPEM()} {
		path, file := recording(t, `echo "$HOME" >> `+"$0.home"+`; READY; exec sleep 60`)
		p, err := Start(context.Background(), Options{Path: path, ProxyURL: proxyURL, SPKI: "pin=", Roots: roots})
		if err != nil {
			t.Fatal(err)
		}
		listed := slices.Contains(lines(t, file), "--ignore-certificate-errors-spki-list=pin=")
		home := lines(t, path+".home")[0]
		p.Close()
		if private := home == filepath.Join(p.profile.dir, privateHomeName); private == listed || private != (roots != nil) {
			t.Errorf("roots %v: HOME %s, list of keys %v", roots != nil, home, listed)
		}
	}
}

func TestWithDownloads_addsADirectoryWhereThereIsNone(t *testing.T) {
	for in, want := range map[string]string{
		"": `{"download":{"default_directory":"/d"},"savefile":{"default_directory":"/d"}}`,
		`{"a":12345678901234567890,"download":{"x":1}}`:                                             `{"a":12345678901234567890,"download":{"default_directory":"/d","x":1},"savefile":{"default_directory":"/d"}}`,
		`{"download":{"default_directory":"/mine"}}`:                                                `{"download":{"default_directory":"/mine"},"savefile":{"default_directory":"/d"}}`,
		`{"download":{"default_directory":"/mine"},"savefile":{"default_directory":"/mine/saved"}}`: "",
		`{"download":[],"savefile":{"default_directory":"/mine"}}`:                                  "",
		"damaged": "",
	} {
		if got, err := withDownloads([]byte(in), "/d"); err != nil || string(got) != want {
			t.Errorf("%s: %s, %v, want %s", in, got, err, want)
		}
	}
}

func TestUserDir_isTheOneThatTheFileNames(t *testing.T) {
	for in, want := range map[string]string{
		"":                                       "",
		"XDG_DOWNLOAD_DIR=\"$HOME/Dl\"\n":        "/home/u/Dl",
		"XDG_DOWNLOAD_DIR=\"/data/a \\\"b\\\"\"": `/data/a "b`,
		"XDG_DOWNLOAD_DIR=\"relative\"\n":        "",
		"#XDG_DOWNLOAD_DIR=\"/x\"\nXDG_DESKTOP_DIR=\"/y\"\n": "",
	} {
		if got := userDir(strings.NewReader(in), "XDG_DOWNLOAD_DIR", "/home/u"); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
