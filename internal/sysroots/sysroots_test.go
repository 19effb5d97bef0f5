package sysroots

import (
	"bytes"
	"encoding/pem"
	"errors"
	"testing"
	"time"

	"detour/certs"
)

func root(t *testing.T) []byte {
	t.Helper()
	ca, err := certs.Ephemeral([]string{"example.com"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return ca.RootPEM()
}

func TestJoin_hasEachCertificateOnceAndNothingElse(t *testing.T) {
	a, b := root(t), root(t)
	key := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("secret")})
	torn := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("no certificate")})
	got := Join(append([]byte("# a comment\n"), a...), key, append(torn, b...), a, nil)
	if want := append(bytes.Clone(a), b...); !bytes.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestPEM_givesWhatTheSystemTrusts(t *testing.T) {
	b, err := PEM(t.Context())
	if errors.Is(err, ErrNone) {
		t.Skip("this system has no roots (Debian: ca-certificates)")
	}
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(b, []byte("BEGIN CERTIFICATE")); n < 20 {
		t.Errorf("%d roots are few", n)
	}
}
