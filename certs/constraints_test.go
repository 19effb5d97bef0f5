package certs

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// rogue signs, with the intermediate's key, a certificate that Leaf would refuse to
// sign.
func rogue(t *testing.T, ca *CA, template x509.Certificate) *x509.Certificate {
	t.Helper()
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	c, err := sign(&template, ca.inter, &ca.leafKey.PublicKey, ca.key)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestConstraints_goRejectsOtherNames(t *testing.T) {
	ca := ephemeral(t)
	for name, template := range map[string]x509.Certificate{
		"bank.example":              {DNSNames: []string{"bank.example"}},
		"evilamazonaws.com":         {DNSNames: []string{"evilamazonaws.com"}},
		"amazonaws.com.evil.test":   {DNSNames: []string{"amazonaws.com.evil.test"}},
		"203.0.113.10":              {IPAddresses: []net.IP{net.IPv4(203, 0, 113, 10)}},
		"2001:db8::1":               {IPAddresses: []net.IP{net.ParseIP("2001:db8::1")}},
		"inside.amazonaws.com":      {DNSNames: []string{"inside.amazonaws.com", "bank.example"}},
		"also.inside.amazonaws.com": {DNSNames: []string{"also.inside.amazonaws.com"}, IPAddresses: []net.IP{net.IPv6loopback}},
	} {
		c := rogue(t, ca, template)
		var invalid x509.CertificateInvalidError
		err := verify(ca, [][]byte{c.Raw, ca.inter.Raw}, name)
		if !errors.As(err, &invalid) || invalid.Reason != x509.CANotAuthorizedForThisName {
			t.Errorf("%s: %v, want a violated name constraint", name, err)
		}
	}
	c := rogue(t, ca, x509.Certificate{DNSNames: []string{logs}})
	if err := verify(ca, [][]byte{c.Raw, ca.inter.Raw}, logs); err != nil {
		t.Errorf("the same for a permitted name: %v, so the test proves nothing", err)
	}
}

func TestConstraints_theIntermediateCannotSignAnotherCA(t *testing.T) {
	ca := ephemeral(t)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	sub, err := sign(caTemplate("another", time.Now()), ca.inter, &key.PublicKey, ca.key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := sign(&x509.Certificate{
		DNSNames: []string{logs}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}, sub, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	var invalid x509.CertificateInvalidError
	err = verify(ca, [][]byte{leaf.Raw, sub.Raw, ca.inter.Raw}, logs)
	if !errors.As(err, &invalid) || invalid.Reason != x509.TooManyIntermediates {
		t.Errorf("got %v, want too many intermediates", err)
	}
}

func TestConstraints_opensslRejectsOtherNames(t *testing.T) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not installed")
	}
	ca, dir := ephemeral(t), t.TempDir()
	write := func(name string, der []byte) string {
		path := filepath.Join(dir, name)
		b := pem.EncodeToMemory(&pem.Block{Type: certificateBlock, Bytes: der})
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	root, inter := write("root", ca.root.Raw), write("inter", ca.inter.Raw)
	check := func(der []byte) (string, error) {
		out, err := exec.CommandContext(t.Context(), openssl, "verify", "-x509_strict",
			"-CAfile", root, "-untrusted", inter, write("leaf", der)).CombinedOutput()
		return string(out), err
	}
	inside, err := ca.Leaf(logs)
	if err != nil {
		t.Fatal(err)
	}
	if out, err := check(inside.Certificate[0]); err != nil {
		t.Errorf("a leaf of Leaf is refused: %s", out)
	}
	for want, template := range map[string]x509.Certificate{
		"permitted subtree violation": {DNSNames: []string{"bank.example"}},
		"excluded subtree violation":  {IPAddresses: []net.IP{net.IPv4(203, 0, 113, 10)}},
	} {
		out, err := check(rogue(t, ca, template).Raw)
		if err == nil || !strings.Contains(out, want) {
			t.Errorf("%v: %s %v, want a %s", template.DNSNames, out, err, want)
		}
	}
}
