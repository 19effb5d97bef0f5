package truststore

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"detour/internal/leaktest"
)

func TestMain(m *testing.M) { leaktest.Main(m) }

// newRoot makes a certificate with this common name, and writes its file.
func newRoot(t *testing.T, name string) Root {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		Subject: pkix.Name{CommonName: name, Organization: []string{"detour (local)"}}, SerialNumber: big.NewInt(time.Now().UnixNano()),
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	r := Root{Cert: cert, File: filepath.Join(t.TempDir(), "ca.pem")}
	write(t, r.File, string(r.pem()))
	return r
}

func (r Root) pem() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: r.Cert.Raw})
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// A script simulates a machine's programs: it has an answer for each command, and records
// what was run.
type script struct {
	t       *testing.T
	answers map[string]func(args []string) (string, error) // by how the command begins
	ran     []string
}

func (s *script) run(_ context.Context, args []string) ([]byte, error) {
	line := strings.Join(args, " ")
	s.ran = append(s.ran, line)
	best := ""
	for begin := range s.answers {
		if strings.HasPrefix(line, begin) && len(begin) > len(best) {
			best = begin
		}
	}
	if best == "" {
		s.t.Errorf("unheard of: %s", line)
		return nil, errors.New("unheard of")
	}
	out, err := s.answers[best](args)
	return []byte(out), err
}

func says(text string) func([]string) (string, error) {
	return func([]string) (string, error) { return text, nil }
}

func fails(code int, stderr string) func([]string) (string, error) {
	return func([]string) (string, error) { return "", &ExitError{Program: "p", Code: code, Stderr: stderr} }
}

// programs is a LookPath that finds only these.
func programs(names ...string) func(string) (string, error) {
	return func(name string) (string, error) {
		for _, n := range names {
			if n == name {
				return "/bin/" + filepath.Base(name), nil
			}
		}
		return "", os.ErrNotExist
	}
}

// steps are the commands of a store's plan, one per line.
func commands(steps []Step) string {
	var lines []string
	for _, s := range steps {
		lines = append(lines, Shell(s.Args))
	}
	return strings.Join(lines, "\n")
}

// find is Find without an error.
func find(t *testing.T, s Store, run Runner, r Root) Found {
	t.Helper()
	f, err := s.Find(t.Context(), run, r)
	if err != nil {
		t.Fatalf("%s: %v", s.Name(), err)
	}
	return f
}
