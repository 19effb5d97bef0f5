package certs

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

var suffixes = []string{"amazonaws.com", "console.aws.amazon.com"}

func ephemeral(tb testing.TB) *CA {
	tb.Helper()
	ca, err := Ephemeral(suffixes, time.Now())
	if err != nil {
		tb.Fatal(err)
	}
	return ca
}

// verify checks a served chain as a client does that trusts the root.
func verify(ca *CA, chain [][]byte, name string) error {
	roots, inters := x509.NewCertPool(), x509.NewCertPool()
	roots.AddCert(ca.root)
	leaf, err := x509.ParseCertificate(chain[0])
	if err != nil {
		return err
	}
	for _, der := range chain[1:] {
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return err
		}
		inters.AddCert(c)
	}
	_, err = leaf.Verify(x509.VerifyOptions{Roots: roots, Intermediates: inters, DNSName: name})
	return err
}

func TestLeaf_isTrustedThroughTheRootForItsExactNameOnly(t *testing.T) {
	ca := ephemeral(t)
	c, err := ca.Leaf("Logs.ap-northeast-1.amazonaws.com.")
	if err != nil {
		t.Fatal(err)
	}
	if err := verify(ca, c.Certificate, "logs.ap-northeast-1.amazonaws.com"); err != nil {
		t.Errorf("not trusted: %v", err)
	}
	if err := verify(ca, c.Certificate, "monitoring.ap-northeast-1.amazonaws.com"); err == nil {
		t.Error("trusted for another name")
	}
	if life := c.Leaf.NotAfter.Sub(c.Leaf.NotBefore); life > leafLife {
		t.Errorf("valid for %v, want at most %v", life, leafLife)
	}
	if since := time.Since(c.Leaf.NotBefore); since < backdate {
		t.Errorf("backdated %v, want %v", since, backdate)
	}
}

func TestLeaf_refusesNamesOutsideTheConstraints(t *testing.T) {
	ca := ephemeral(t)
	for _, name := range []string{"example.com", "amazonaws.com.evil.example", "evilamazonaws.com"} {
		if _, err := ca.Leaf(name); !errors.Is(err, ErrNotPermitted) {
			t.Errorf("%s: %v, want ErrNotPermitted", name, err)
		}
	}
	for _, name := range []string{"", "..", "a..amazonaws.com", "*.amazonaws.com", "10.0.0.1", "a b.amazonaws.com", "-.amazonaws.com"} {
		if _, err := ca.Leaf(name); err == nil {
			t.Errorf("%q: a certificate, want an error", name)
		}
	}
}

// outside signs, by hand and with the real intermediate, what Leaf would not.
func outside(t *testing.T, ca *CA, name string) *x509.Certificate {
	t.Helper()
	c, err := sign(&x509.Certificate{
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		DNSNames: []string{name}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, ca.inter, &ca.leafKey.PublicKey, ca.key)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestConstraints_aLeafOutsideIsRefusedByGo(t *testing.T) {
	ca := ephemeral(t)
	c := outside(t, ca, "bank.example")
	var constraint x509.CertificateInvalidError
	err := verify(ca, [][]byte{c.Raw, ca.inter.Raw}, "bank.example")
	if !errors.As(err, &constraint) || constraint.Reason != x509.CANotAuthorizedForThisName {
		t.Errorf("got %v, want a violated name constraint", err)
	}
}

func TestConstraints_aLeafOutsideIsRefusedByOpenSSL(t *testing.T) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not installed")
	}
	ca, dir := ephemeral(t), t.TempDir()
	inside, err := ca.Leaf("logs.us-east-1.amazonaws.com")
	if err != nil {
		t.Fatal(err)
	}
	write := func(name string, der []byte) string {
		path := filepath.Join(dir, name)
		b := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	root, inter := write("root", ca.root.Raw), write("inter", ca.inter.Raw)
	check := func(leaf string) (string, error) {
		out, err := exec.CommandContext(t.Context(), openssl, "verify", "-CAfile", root, "-untrusted", inter, leaf).CombinedOutput()
		return string(out), err
	}
	if out, err := check(write("in", inside.Certificate[0])); err != nil {
		t.Errorf("a leaf inside is refused: %s", out)
	}
	out, err := check(write("out", outside(t, ca, "bank.example").Raw))
	if err == nil || !strings.Contains(out, "permitted subtree violation") {
		t.Errorf("a leaf outside: %s %v, want a permitted subtree violation", out, err)
	}
}

func TestLeaf_isCachedRenewedAndBounded(t *testing.T) {
	ca := ephemeral(t)
	name := "logs.us-east-1.amazonaws.com"
	first, _ := ca.Leaf(name)
	if again, _ := ca.Leaf(name); again != first {
		t.Error("signed twice")
	}
	ca.now = func() time.Time { return time.Now().Add(leafLife - backdate - leafRenew/2) }
	if later, _ := ca.Leaf(name); later == first {
		t.Error("not renewed on its last day")
	}
	for i := range maxLeaves + 100 {
		if _, err := ca.Leaf(strings.Repeat("a", i%60+1) + "." + strings.Repeat("b", i/60+1) + ".amazonaws.com"); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(ca.leaves); n > maxLeaves {
		t.Errorf("%d leaves cached, want at most %d", n, maxLeaves)
	}
}

func TestLeaf_concurrently(t *testing.T) {
	ca := ephemeral(t)
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for _, n := range []string{"a.amazonaws.com", "b.amazonaws.com"} {
				if _, err := ca.Leaf(n); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

func TestOpen_makesAChainOnceAndLoadsItAfterwards(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "ca")
	a, err := Open(dir, suffixes, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	b, err := Open(dir, suffixes, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a.RootPEM(), b.RootPEM()) || a.SPKI() != b.SPKI() || b.Renewed() != "" {
		t.Error("the second Open has another chain")
	}
	onDisk, err := os.ReadFile(b.Path())
	if err != nil || !bytes.Equal(onDisk, b.RootPEM()) {
		t.Errorf("%s isn't the root: %v", b.Path(), err)
	}
}

func TestOpen_writesOneKeyAndItIsNotTheRoots(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "ca")
	ca, err := Open(dir, suffixes, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" {
		if info, _ := os.Stat(dir); info.Mode().Perm() != 0o700 {
			t.Errorf("directory mode %v, want 0700", info.Mode().Perm())
		}
	}
	keys := 0
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
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

func TestOpen_renewsWhatNoLongerFits(t *testing.T) {
	dir := t.TempDir()
	old, err := Open(dir, suffixes, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	wider, err := Open(dir, append([]string{"api.aws"}, suffixes...), time.Now())
	if err != nil || wider.Renewed() == "" || wider.SPKI() == old.SPKI() {
		t.Errorf("more names: %v, renewed %q", err, wider.Renewed())
	}
	late, err := Open(dir, suffixes, time.Now().Add(chainLife-renewBefore/2))
	if err != nil || late.Renewed() == "" {
		t.Errorf("near the end: %v, renewed %q", err, late.Renewed())
	}
}

func TestOpen_doesNotReplaceADamagedChain(t *testing.T) {
	for name, damage := range map[string]func(dir string) error{
		"garbage":        func(dir string) error { return os.WriteFile(filepath.Join(dir, interFile), []byte("x"), 0o600) },
		"missing":        func(dir string) error { return os.Remove(filepath.Join(dir, rootFile)) },
		"open to others": func(dir string) error { return os.Chmod(filepath.Join(dir, keyFile), 0o644) },
		"of another chain": func(dir string) error {
			other := ephemeralFiles(t)
			b, err := os.ReadFile(filepath.Join(other, interFile))
			if err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(dir, interFile), b, 0o600)
		},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "open to others" && runtime.GOOS == "windows" {
				t.Skip("no modes on Windows")
			}
			dir := ephemeralFiles(t)
			if err := damage(dir); err != nil {
				t.Fatal(err)
			}
			if _, err := Open(dir, suffixes, time.Now()); err == nil || !strings.Contains(err.Error(), "remove the directory") {
				t.Errorf("got %v, want an error with a hint", err)
			}
		})
	}
}

func ephemeralFiles(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if _, err := Open(dir, suffixes, time.Now()); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestOpen_twoAtOnceShareOneChain(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "ca")
	spki := make([]string, 8)
	var wg sync.WaitGroup
	for i := range spki {
		wg.Go(func() {
			ca, err := Open(dir, suffixes, time.Now())
			if err != nil {
				t.Error(err)
				return
			}
			spki[i] = ca.SPKI()
		})
	}
	wg.Wait()
	for _, s := range spki {
		if s != spki[0] {
			t.Fatalf("different chains: %v", spki)
		}
	}
}

func FuzzLeaf(f *testing.F) {
	ca := ephemeral(f)
	f.Add("logs.us-east-1.amazonaws.com")
	f.Add("*.amazonaws.com")
	f.Add("\x00.amazonaws.com")
	f.Fuzz(func(t *testing.T, name string) {
		c, err := ca.Leaf(name)
		if err != nil {
			return
		}
		if err := verify(ca, c.Certificate, c.Leaf.DNSNames[0]); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	})
}

func BenchmarkLeaf_new(b *testing.B) {
	ca := ephemeral(b)
	for b.Loop() {
		if _, err := ca.signLeaf("logs.us-east-1.amazonaws.com"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLeaf_cached(b *testing.B) {
	ca := ephemeral(b)
	for b.Loop() {
		_, _ = ca.Leaf("logs.us-east-1.amazonaws.com")
	}
}
