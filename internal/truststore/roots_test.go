package truststore

import (
	"bytes"
	"encoding/pem"
	"errors"
	"testing"
	"time"

	"detour/certs"
)

func rootPEM(t *testing.T) []byte {
	t.Helper()
	ca, err := certs.Ephemeral([]string{"example.com"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return ca.RootPEM()
}

func TestJoinPEM_hasEachCertificateOnceAndNothingElse(t *testing.T) {
	a, b := rootPEM(t), rootPEM(t)
	key := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("secret")})
	torn := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("no certificate")})
	got := JoinPEM(append([]byte("# a comment\n"), a...), key, append(torn, b...), a, nil)
	if want := append(bytes.Clone(a), b...); !bytes.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestSystemRoots_givesWhatTheSystemTrusts(t *testing.T) {
	b, err := SystemRoots(t.Context())
	if errors.Is(err, ErrNoRoots) {
		t.Skip("this system has no roots (Debian: ca-certificates)")
	}
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(b, []byte("BEGIN CERTIFICATE")); n < 20 {
		t.Errorf("%d roots are few", n)
	}
}
