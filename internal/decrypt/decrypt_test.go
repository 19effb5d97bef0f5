package decrypt

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"detour/certs"
	"detour/internal/usererr"
)

const awsHost = "logs.eu-west-1.amazonaws.com"

func isAWS(host string) bool { return strings.HasSuffix(host, ".amazonaws.com") }

// opened is the policy of a value of --decrypt, whose chains are below dir.
func opened(t *testing.T, dir, value string, inMemory bool) (*Policy, error) {
	t.Helper()
	s, err := Parse(value)
	if err != nil {
		t.Fatal(err)
	}
	return Open(Config{Selection: s, Dir: dir, InMemory: inMemory, Suffixes: []string{"amazonaws.com", "aws.amazon.com"}, IsAWS: isAWS, Now: time.Now()})
}

// open is opened on disk, without an error.
func open(t *testing.T, dir, value string) *Policy {
	t.Helper()
	p, err := opened(t, dir, value, false)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestDecrypt_whatGoesBeyondAWSHasAChainOfItsOwn(t *testing.T) {
	dir := t.TempDir()
	d := open(t, dir, "aws,api.example.com,.corp.example")
	for host, want := range map[string]bool{
		awsHost: true, "api.example.com": true, "a.corp.example": true,
		"corp.example": false, "www.example.com": false, "evilapi.example.com": false,
	} {
		if d.Decrypts(host) != want {
			t.Errorf("%s: decrypted %v, want %v", host, !want, want)
		}
		if _, err := d.Leaf(host); want && err != nil {
			t.Errorf("%s: %v", host, err)
		}
	}
	if len(d.CAs) != 2 {
		t.Fatalf("%d chains, want two", len(d.CAs))
	}
	if b, err := os.ReadFile(d.Path()); err != nil || string(b) != string(d.RootsPEM()) || bytes.Count(b, []byte("BEGIN CERTIFICATE")) != 2 {
		t.Errorf("the file to trust, %s, hasn't both roots: %v", d.Path(), err)
	}
	for _, ca := range d.CAs {
		_, other := ca.Leaf("api.example.com")
		_, own := ca.Leaf(awsHost)
		if errors.Is(other, certs.ErrNotPermitted) == errors.Is(own, certs.ErrNotPermitted) {
			t.Errorf("one chain signs for both: %v %v", other, own)
		}
	}
	if again := open(t, dir, ".corp.example,api.example.com,aws"); !bytes.Equal(again.RootsPEM(), d.RootsPEM()) {
		t.Error("another order of the same names makes another chain")
	}
}

func TestDecrypt_whatIsNoHostIsAMistakeOfUsage(t *testing.T) {
	for _, v := range []string{"x.y.z...", ".", "..corp.example", "a b.example", "-", "-.example", "host", "a.example,", "https://a.example"} {
		_, err := Parse(v)
		if ue := usererr.As(err); ue == nil || ue.Class != usererr.Usage {
			t.Errorf("%q: %v", v, err)
		}
	}
	for _, v := range []string{"api.example.com", ".corp.example", "-left.example", "10.0.0.1", "a_b.example", "XN--1.example"} {
		if _, err := Parse(v); err != nil {
			t.Error(err)
		}
	}
}

func TestDecrypt_noneAndAWSOnly(t *testing.T) {
	dir := t.TempDir()
	if d := open(t, dir, "none"); d.Decrypts(awsHost) || d.Decrypts("example.com") {
		t.Error("none decrypts")
	}
	if d := open(t, dir, "aws"); !d.Decrypts(awsHost) || d.Decrypts("example.com") || len(d.CAs) != 1 {
		t.Error("aws isn't just that")
	}
	only := open(t, dir, "api.example.com")
	if only.Decrypts(awsHost) || only.Path() == filepath.Join(dir, "ca.pem") {
		t.Error("a list without aws decrypts AWS")
	}
	if b, err := os.ReadFile(only.Path()); err != nil || string(b) != string(only.RootsPEM()) {
		t.Errorf("%s isn't the root: %v", only.Path(), err)
	}
}

func TestPassthrough_isTheHostsThatAreLeftOutAndThoseToggled(t *testing.T) {
	d := open(t, t.TempDir(), "aws,-"+awsHost)
	p := NewPassthrough(d.Except)
	if !p.Has(awsHost) || p.Has("monitoring.eu-west-1.amazonaws.com") {
		t.Error("-HOST doesn't leave out just that host")
	}
	if listed := p.Toggle("Logs.eu-west-1.amazonaws.com"); listed || p.Has(awsHost) {
		t.Error("a listed host isn't removed")
	}
	if listed := p.Toggle(awsHost); !listed || !p.Has(awsHost) {
		t.Error("a removed host isn't added again")
	}
	if got := p.Hosts(); len(got) != 1 || got[0] != awsHost {
		t.Errorf("listed %q", got)
	}
}

func TestDecrypt_allHasAChainWithoutLimitsOfItsOwn(t *testing.T) {
	dir := t.TempDir()
	limited, d := open(t, dir, "aws"), open(t, dir, "all,aws,api.example.com,-left.example")
	if !limited.CAs[0].Root().Equal(open(t, dir, "aws").CAs[0].Root()) || len(d.CAs) != 1 {
		t.Fatalf("%d chains, and AWS's own isn't as it was", len(d.CAs))
	}
	if got, want := d.Path(), filepath.Join(dir, "all", "ca.pem"); got != want || !d.CAs[0].Unconstrained() {
		t.Errorf("the chain in %s has limits, want one without in %s", got, want)
	}
	for _, host := range []string{awsHost, "bank.example", "203.0.113.10", "2001:db8::1"} {
		if _, err := d.Leaf(host); err != nil || !d.Decrypts(host) {
			t.Errorf("%s isn't decrypted: %v", host, err)
		}
	}
	if !NewPassthrough(d.Except).Has("left.example") {
		t.Error("what is left out is decrypted")
	}
	if news := strings.Join(d.Notices(), "\n"); !strings.Contains(news, "every host on the web") || !strings.Contains(news, d.Path()) {
		t.Errorf("no word of warning: %q", news)
	}
	if limited.Warning() != "" {
		t.Error("a chain with limits is warned about")
	}
}

func TestDecrypt_inMemoryThereIsNothingOnDisk(t *testing.T) {
	for _, flag := range []string{"aws", "all", "none", "aws,api.example.com"} {
		dir := filepath.Join(t.TempDir(), "ca")
		d, err := opened(t, dir, flag, true)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(dir); err == nil || d.Path() != "" || len(d.RootsPEM()) == 0 {
			t.Errorf("%s: %s, want a chain in memory alone", flag, d.Path())
		}
		if strings.Contains(strings.Join(d.Notices(), "\n"), ".pem") {
			t.Errorf("%s: speaks of a file: %q", flag, d.Notices())
		}
	}
}

func TestDecrypt_aChainThatIsOnDiskServesOn(t *testing.T) {
	dir := t.TempDir()
	old := open(t, dir, "aws")
	d, err := opened(t, dir, "aws,api.example.com", true)
	if err != nil {
		t.Fatal(err)
	}
	if d.CAs[0].Path() != "" || !d.CAs[1].Root().Equal(old.CAs[0].Root()) {
		t.Errorf("%s, want the chain of %s and another in memory", d.Path(), old.Path())
	}
	if b, err := os.ReadFile(d.Path()); err != nil || string(b) != string(d.RootsPEM()) {
		t.Errorf("%s hasn't both roots: %v", d.Path(), err)
	}
	if err := os.Chmod(filepath.Join(dir, "intermediate-key.pem"), 0o644); err != nil { //nolint:gosec // that is what is refused
		t.Fatal(err)
	}
	if _, err := opened(t, dir, "aws", true); err == nil && runtime.GOOS != "windows" {
		t.Error("a chain on disk that can't be used was passed over")
	}
}
