package main

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"detour/certs"
	"detour/internal/aws"
)

const awsHost = "logs.eu-west-1.amazonaws.com"

func open(t *testing.T, dir, flag string) decryption {
	t.Helper()
	tables, err := aws.Load()
	if err != nil {
		t.Fatal(err)
	}
	d, err := (&runOptions{caDir: dir, decrypt: flag}).openDecryption(tables)
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
