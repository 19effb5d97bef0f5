package certs

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/pem"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"detour/internal/usererr"
)

// storedCA creates a chain in a new directory.
func storedCA(t *testing.T) (string, *CA) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "ca")
	ca, err := Open(dir, suffixes, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return dir, ca
}

func TestOpen_createsAChainOnceAndLoadsItAfterwards(t *testing.T) {
	dir, a := storedCA(t)
	if a.Renewed() != "" {
		t.Errorf("the first chain is called renewed: %s", a.Renewed())
	}
	b, err := Open(dir, []string{"CONSOLE.aws.amazon.com", "s3.amazonaws.com"}, time.Now()) // all permitted already
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a.RootPEM(), b.RootPEM()) || a.RootFingerprint() != b.RootFingerprint() || b.Renewed() != "" {
		t.Errorf("the second Open has another chain: %s", b.Renewed())
	}
	c, err := b.Leaf(logs)
	if err != nil {
		t.Fatal(err)
	}
	if err := verify(a, c.Certificate, logs); err != nil {
		t.Errorf("a client that trusted the root before doesn't now: %v", err)
	}
	onDisk, err := os.ReadFile(b.Path())
	if err != nil || !bytes.Equal(onDisk, b.RootPEM()) {
		t.Errorf("%s isn't the root: %v", b.Path(), err)
	}
}

func TestOpen_storesTheIntermediatesKeyAndNotTheRoots(t *testing.T) {
	dir, ca := storedCA(t)
	if info, _ := os.Stat(dir); runtime.GOOS != "windows" && info.Mode().Perm() != 0o700 {
		t.Errorf("directory mode %v, want 0700", info.Mode().Perm())
	}
	keys := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if info, _ := d.Info(); runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v, want 0600", d.Name(), info.Mode().Perm())
		}
		b, err := os.ReadFile(path)
		for block, rest := pem.Decode(b); block != nil; block, rest = pem.Decode(rest) {
			if k, err := x509.ParsePKCS8PrivateKey(block.Bytes); err == nil {
				keys++
				if k.(*ecdsa.PrivateKey).PublicKey.Equal(ca.root.PublicKey) {
					t.Errorf("%s has the root's key", d.Name())
				}
			}
		}
		return err
	})
	if err != nil || keys != 1 {
		t.Errorf("%d keys on disk, want the intermediate's only (%v)", keys, err)
	}
}

func TestOpen_replacesAChainThatIsNoLongerSuitable(t *testing.T) {
	day := 24 * time.Hour
	for name, tc := range map[string]struct {
		permitted []string
		later     time.Duration
		change    func(dir string) error
		reason    string
	}{
		"more names":       {permitted: []string{"api.aws", "amazonaws.com"}, reason: "couldn't sign for api.aws"},
		"near the end":     {permitted: suffixes, later: chainLife - 29*day, reason: "expiration date"},
		"not yet near it":  {permitted: suffixes, later: chainLife - 31*day},
		"an end long past": {permitted: suffixes, later: 2 * chainLife, reason: "expiration date"},
		"without limits": {permitted: suffixes, reason: "wasn't limited", change: func(dir string) error {
			_, err := create(dir, scope{}, time.Now())
			return err
		}},
		"interrupted before the key": {permitted: suffixes, reason: "private key is missing", change: func(dir string) error {
			return os.Remove(filepath.Join(dir, keyFile))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			dir, old := storedCA(t)
			if tc.change != nil {
				if err := tc.change(dir); err != nil {
					t.Fatal(err)
				}
			}
			now := time.Now().Add(tc.later)
			ca, err := Open(dir, tc.permitted, now)
			if err != nil {
				t.Fatal(err)
			}
			if got := ca.Renewed(); (got != "") != (tc.reason != "") || !strings.Contains(got, tc.reason) {
				t.Errorf("renewed because %q, want %q", got, tc.reason)
			}
			if renewed := ca.RootFingerprint() != old.RootFingerprint(); renewed != (tc.reason != "") {
				t.Errorf("another chain: %v", renewed)
			}
			if again, err := Open(dir, tc.permitted, now); err != nil || again.RootFingerprint() != ca.RootFingerprint() || again.Renewed() != "" {
				t.Errorf("and then: %v, want the same chain", err)
			}
		})
	}
}

func TestOpen_doesNotReplaceADamagedChain(t *testing.T) {
	write := func(dir, file, text string) error { return os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600) }
	other, _ := storedCA(t)
	replace := func(dir, file string) error {
		b, err := os.ReadFile(filepath.Join(other, file))
		if err != nil {
			return err
		}
		return write(dir, file, string(b))
	}
	for name, damage := range map[string]func(dir string) error{
		"garbage":      func(dir string) error { return write(dir, interFile, "x") },
		"empty key":    func(dir string) error { return write(dir, keyFile, "") },
		"missing root": func(dir string) error { return os.Remove(filepath.Join(dir, rootFile)) },
		"not DER": func(dir string) error {
			return write(dir, rootFile, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
		},
		"root of another chain":       func(dir string) error { return replace(dir, rootFile) },
		"intermediate of another one": func(dir string) error { return replace(dir, interFile) },
		"key of another one":          func(dir string) error { return replace(dir, keyFile) },
		"key that others can read":    func(dir string) error { return os.Chmod(filepath.Join(dir, keyFile), 0o640) },
		"root that others can write":  func(dir string) error { return os.Chmod(filepath.Join(dir, rootFile), 0o666) },
		"another's root":              func(dir string) error { return os.Chown(filepath.Join(dir, rootFile), nobody, -1) },
		"another's key":               func(dir string) error { return os.Chown(filepath.Join(dir, keyFile), nobody, -1) },
	} {
		t.Run(name, func(t *testing.T) {
			if strings.Contains(name, "others") && runtime.GOOS == "windows" {
				t.Skip("no modes on Windows")
			}
			if strings.HasPrefix(name, "another's") && os.Geteuid() != 0 {
				t.Skip("needs root, to give a file away")
			}
			dir, _ := storedCA(t)
			if err := damage(dir); err != nil {
				t.Fatal(err)
			}
			before := contents(t, dir)
			if _, err := Open(dir, suffixes, time.Now()); err == nil || !strings.Contains(err.Error(), "remove the directory") {
				t.Errorf("got %v, want an error with a hint", err)
			}
			if contents(t, dir) != before {
				t.Error("the files were changed")
			}
		})
	}
}

// nobody is a user other than the tests'.
const nobody = 65534

func contents(t *testing.T, dir string) string {
	t.Helper()
	var all strings.Builder
	for _, f := range []string{rootFile, interFile, keyFile} {
		b, err := os.ReadFile(filepath.Join(dir, f))
		if err != nil {
			b = []byte("none")
		}
		all.Write(b)
		all.WriteByte('\n')
	}
	return all.String()
}

func TestSPKI_isNeverThatOfAChainThatIsKept(t *testing.T) {
	dir, a := storedCA(t)
	b, err := Open(dir, suffixes, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if !a.inter.Equal(b.inter) || a.SPKI() == b.SPKI() {
		t.Error("two runs with one chain have the same key on their lists")
	}
}

func TestOpen_keepsTheChainWhenTheClockIsBehind(t *testing.T) {
	dir, old := storedCA(t)
	if _, err := Open(dir, suffixes, time.Unix(0, 0)); err == nil || !strings.Contains(err.Error(), "set the clock") {
		t.Errorf("in 1970: %v, want an error with a hint", err)
	}
	if ca, err := Open(dir, suffixes, time.Now()); err != nil || ca.RootFingerprint() != old.RootFingerprint() {
		t.Errorf("with the clock set: %v, want the old chain", err)
	}
}

func TestOpen_rejectsADirectoryThatOthersCanWriteTo(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no modes on Windows")
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o777); err != nil { //nolint:gosec // that is what is refused
		t.Fatal(err)
	}
	if _, err := Open(dir, suffixes, time.Now()); usererr.As(err) == nil || !strings.Contains(usererr.As(err).Hint, "chmod 700") {
		t.Errorf("got %v, want an error with a hint", err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("left %v there", left)
	}
}

func TestOpen_rejectsADirectoryOfAnotherUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root, to give a directory away")
	}
	dir, _ := storedCA(t)
	if err := os.Chown(dir, 65534, -1); err != nil {
		t.Fatal(err)
	}
	_, opened := Open(dir, suffixes, time.Now())
	_, loaded := Load(dir)
	for name, err := range map[string]error{"Open": opened, "Load": loaded} {
		if usererr.As(err) == nil || !strings.Contains(err.Error(), "belongs to") {
			t.Errorf("%s: %v, want an error with a hint", name, err)
		}
	}
}

func TestOpen_concurrentCallsShareOneChain(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "ca")
	for _, tc := range []struct {
		round     string
		permitted []string
		renewed   int
	}{{"created", suffixes, 0}, {"loaded", suffixes, 0}, {"renewed", []string{"api.aws"}, 1}} {
		cas := make([]*CA, 8)
		var wg sync.WaitGroup
		for i := range cas {
			wg.Go(func() {
				var err error
				if cas[i], err = Open(dir, tc.permitted, time.Now()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if t.Failed() {
			return
		}
		renewed := 0
		for _, ca := range cas {
			if ca.RootFingerprint() != cas[0].RootFingerprint() {
				t.Errorf("%s: different chains", tc.round)
			}
			if ca.Renewed() != "" {
				renewed++
			}
		}
		if renewed != tc.renewed {
			t.Errorf("%s: %d of them say that they renewed it, want %d", tc.round, renewed, tc.renewed)
		}
	}
}

// TestOpen_concurrentProcessesShareOneChain runs itself in four more processes.
func TestOpen_concurrentProcessesShareOneChain(t *testing.T) {
	if dir := os.Getenv("CERTS_TEST_OPEN"); dir != "" {
		ca, err := Open(dir, suffixes, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(os.Getenv("CERTS_TEST_OUT"), []byte(ca.RootFingerprint()), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir, out := filepath.Join(t.TempDir(), "ca"), t.TempDir()
	got := make([]string, 4)
	var wg sync.WaitGroup
	for i := range got {
		wg.Go(func() {
			file := filepath.Join(out, string(rune('a'+i)))
			cmd := exec.CommandContext(t.Context(), self, "-test.run=^TestOpen_concurrentProcessesShareOneChain$")
			cmd.Env = append(os.Environ(), "CERTS_TEST_OPEN="+dir, "CERTS_TEST_OUT="+file)
			if text, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, text)
			}
			b, _ := os.ReadFile(file)
			got[i] = string(b)
		})
	}
	wg.Wait()
	for _, s := range got {
		if s == "" || s != got[0] {
			t.Fatalf("different chains: %q", got)
		}
	}
}

func TestCreate_afterAFailureTheChainIsReplaced(t *testing.T) {
	dir, _ := storedCA(t)
	obstacle := filepath.Join(dir, interFile)
	if err := os.Remove(obstacle); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(obstacle, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := create(dir, scope{suffixes: suffixes}, time.Now()); err == nil {
		t.Fatal("a file took the place of a directory")
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".new-*")); len(left) != 0 {
		t.Errorf("left %v", left)
	}
	if err := os.Remove(obstacle); err != nil {
		t.Fatal(err)
	}
	if ca, err := Open(dir, suffixes, time.Now()); err != nil || ca.Renewed() == "" {
		t.Errorf("afterwards: %v, want a new chain", err)
	}
}
