package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"detour/certs"
	"detour/internal/aws"
	"detour/internal/usererr"
)

const awsHost = "logs.eu-west-1.amazonaws.com"

func open(t *testing.T, dir, flag string) decryption {
	t.Helper()
	tables, err := aws.Load()
	if err != nil {
		t.Fatal(err)
	}
	d, err := (&runOptions{caDir: dir, decrypt: flag}).openDecryption(tables, false)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDecrypt_whatGoesBeyondAWSHasAChainOfItsOwn(t *testing.T) {
	dir := t.TempDir()
	d := open(t, dir, "aws,api.example.com,.corp.example")
	for host, want := range map[string]bool{
		awsHost: true, "api.example.com": true, "a.corp.example": true,
		"corp.example": false, "www.example.com": false, "evilapi.example.com": false,
	} {
		if d.intercept(host) != want {
			t.Errorf("%s: decrypted %v, want %v", host, !want, want)
		}
		if _, err := d.leaf(host); want && err != nil {
			t.Errorf("%s: %v", host, err)
		}
	}
	if len(d.chains) != 2 {
		t.Fatalf("%d chains, want two", len(d.chains))
	}
	if b, err := os.ReadFile(d.path()); err != nil || string(b) != string(d.rootsPEM()) || bytes.Count(b, []byte("BEGIN CERTIFICATE")) != 2 {
		t.Errorf("the file to trust, %s, hasn't both roots: %v", d.path(), err)
	}
	for _, ca := range d.chains {
		_, other := ca.Leaf("api.example.com")
		_, own := ca.Leaf(awsHost)
		if errors.Is(other, certs.ErrNotPermitted) == errors.Is(own, certs.ErrNotPermitted) {
			t.Errorf("one chain signs for both: %v %v", other, own)
		}
	}
	if again := open(t, dir, ".corp.example,api.example.com,aws"); again.spki() != d.spki() {
		t.Error("another order of the same names makes another chain")
	}
}

func TestDecrypt_whatIsNoHostIsAMistakeOfUsage(t *testing.T) {
	for _, v := range []string{"x.y.z...", ".", "..corp.example", "a b.example", "-", "-.example", "host", "a.example,", "https://a.example"} {
		_, err := parseDecrypt(v)
		if ue := usererr.As(err); ue == nil || ue.Class != usererr.Usage {
			t.Errorf("%q: %v", v, err)
		}
	}
	for _, v := range []string{"api.example.com", ".corp.example", "-left.example", "10.0.0.1", "a_b.example", "XN--1.example"} {
		if _, err := parseDecrypt(v); err != nil {
			t.Error(err)
		}
	}
}

func TestDecrypt_noneAndAWSOnly(t *testing.T) {
	dir := t.TempDir()
	if d := open(t, dir, "none"); d.intercept != nil {
		t.Error("none decrypts")
	}
	if d := open(t, dir, "aws"); !d.intercept(awsHost) || d.intercept("example.com") || len(d.chains) != 1 {
		t.Error("aws isn't just that")
	}
	only := open(t, dir, "api.example.com")
	if only.intercept(awsHost) || only.path() == filepath.Join(dir, "ca.pem") {
		t.Error("a list without aws decrypts AWS")
	}
	if b, err := os.ReadFile(only.path()); err != nil || string(b) != string(only.rootsPEM()) {
		t.Errorf("%s isn't the root: %v", only.path(), err)
	}
}

func TestDecrypt_whatIsLeftOutGoesUnread(t *testing.T) {
	d := open(t, t.TempDir(), "aws,-"+awsHost)
	p := newPassed(d.except)
	intercept := p.but(d.intercept)
	if intercept(awsHost) || !intercept("monitoring.eu-west-1.amazonaws.com") {
		t.Error("-HOST doesn't leave out just that host")
	}
	if unread := p.toggle("Logs.eu-west-1.amazonaws.com"); unread || !intercept(awsHost) {
		t.Error("u doesn't decrypt it again")
	}
	if unread := p.toggle(awsHost); !unread || intercept(awsHost) {
		t.Error("u doesn't pass it unread again")
	}
	if got := p.list(); len(got) != 1 || got[0] != awsHost {
		t.Errorf("listed %q", got)
	}
	if newPassed(nil).but(nil) != nil {
		t.Error("where nothing is decrypted nothing can be left out")
	}
}

func TestDecrypt_allHasAChainWithoutLimitsOfItsOwn(t *testing.T) {
	dir := t.TempDir()
	limited, d := open(t, dir, "aws"), open(t, dir, "all,aws,api.example.com,-left.example")
	if !limited.chains[0].Root().Equal(open(t, dir, "aws").chains[0].Root()) || len(d.chains) != 1 {
		t.Fatalf("%d chains, and AWS's own isn't as it was", len(d.chains))
	}
	if got, want := d.path(), filepath.Join(dir, "all", "ca.pem"); got != want || !d.chains[0].Unconstrained() {
		t.Errorf("the chain in %s has limits, want one without in %s", got, want)
	}
	for _, host := range []string{awsHost, "bank.example", "203.0.113.10", "2001:db8::1"} {
		if _, err := d.leaf(host); err != nil || !d.intercept(host) {
			t.Errorf("%s isn't decrypted: %v", host, err)
		}
	}
	if newPassed(d.except).but(d.intercept)("left.example") {
		t.Error("what is left out is decrypted")
	}
	if news := strings.Join(d.news(), "\n"); !strings.Contains(news, "every host on the web") || !strings.Contains(news, d.path()) {
		t.Errorf("no word of warning: %q", news)
	}
	if limited.warning() != "" {
		t.Error("a chain with limits is warned about")
	}
}

func TestDecrypt_inMemoryThereIsNothingOnDisk(t *testing.T) {
	tables, err := aws.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, flag := range []string{"aws", "all", "none", "aws,api.example.com"} {
		dir := filepath.Join(t.TempDir(), "ca")
		d, err := (&runOptions{caDir: dir, decrypt: flag}).openDecryption(tables, true)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(dir); err == nil || d.path() != "none" || len(d.rootsPEM()) == 0 {
			t.Errorf("%s: %s, want a chain in memory alone", flag, d.path())
		}
		if strings.Contains(strings.Join(d.news(), "\n"), ".pem") {
			t.Errorf("%s: speaks of a file: %q", flag, d.news())
		}
	}
}

func TestDecrypt_aChainThatIsOnDiskServesOn(t *testing.T) {
	tables, err := aws.Load()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	old := open(t, dir, "aws")
	d, err := (&runOptions{caDir: dir, decrypt: "aws,api.example.com"}).openDecryption(tables, true)
	if err != nil {
		t.Fatal(err)
	}
	if d.chains[0].Path() != "" || !d.chains[1].Root().Equal(old.chains[0].Root()) {
		t.Errorf("%s, want the chain of %s and another in memory", d.path(), old.path())
	}
	if b, err := os.ReadFile(d.path()); err != nil || string(b) != string(d.rootsPEM()) {
		t.Errorf("%s hasn't both roots: %v", d.path(), err)
	}
	if err := os.Chmod(filepath.Join(dir, "intermediate-key.pem"), 0o644); err != nil { //nolint:gosec // that is what is refused
		t.Fatal(err)
	}
	if _, err := (&runOptions{caDir: dir, decrypt: "aws"}).openDecryption(tables, true); err == nil && runtime.GOOS != "windows" {
		t.Error("a chain on disk that can't be used was passed over")
	}
}
