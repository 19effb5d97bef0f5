// Package certs is the signing chain behind interception: a root to trust, one
// intermediate that may sign for AWS's names only, and a leaf for each host.
//
// The root signs the intermediate and then its private key is gone: it is never
// written and never returned. So whoever gets at the intermediate's key can
// impersonate the domains in its name constraints to this machine, and nothing
// beyond, and no second intermediate can be made.
package certs

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	// chainLife is short enough that a forgotten chain goes away, and long enough
	// that nobody has to trust a new root in the middle of a project. Apple's limit
	// of 825 days (support.apple.com/103769) holds for leaves, but is a good measure.
	chainLife = 825 * 24 * time.Hour
	// renewBefore is when a chain is made anew ahead of its end.
	renewBefore = 30 * 24 * time.Hour
	// backdate forgives clocks that are behind, of a virtual machine for example.
	backdate = 48 * time.Hour
)

// A CA signs leaves. It may be used concurrently.
type CA struct {
	root    *x509.Certificate
	inter   *x509.Certificate
	key     *ecdsa.PrivateKey // the intermediate's
	leafKey *ecdsa.PrivateKey // one for all leaves, in memory only: a stable SPKI, and cheaper
	path    string
	renewed string
	now     func() time.Time

	mu     sync.Mutex
	leaves map[string]*leaf
	clock  uint64 // rises with every use of a leaf
}

// Ephemeral makes a chain that lives in memory only. permitted are the DNS
// suffixes that it may sign for.
func Ephemeral(permitted []string, now time.Time) (*CA, error) {
	root, inter, key, err := newChain(permitted, now)
	if err != nil {
		return nil, err
	}
	return newCA(root, inter, key)
}

func newCA(root, inter *x509.Certificate, key *ecdsa.PrivateKey) (*CA, error) {
	leafKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	return &CA{
		root: root, inter: inter, key: key, leafKey: leafKey,
		now: time.Now, leaves: make(map[string]*leaf),
	}, nil
}

// newChain makes a root and its only intermediate. The root's key dies here.
func newChain(permitted []string, now time.Time) (root, inter *x509.Certificate, key *ecdsa.PrivateKey, err error) {
	rootKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, nil, err
	}
	key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, nil, err
	}
	public, err := rootKey.PublicKey.Bytes()
	if err != nil {
		return nil, nil, nil, err
	}
	name := func(role string) pkix.Name {
		id := sha256.Sum256(public)
		return pkix.Name{
			Organization: []string{"detour on this machine"},
			CommonName:   fmt.Sprintf("detour %s %s", role, hex.EncodeToString(id[:4])),
		}
	}
	rootTemplate := authority(name("root"), now)
	rootTemplate.MaxPathLen = 1
	root, err = sign(rootTemplate, rootTemplate, &rootKey.PublicKey, rootKey)
	if err != nil {
		return nil, nil, nil, err
	}
	interTemplate := authority(name("intermediate"), now)
	interTemplate.MaxPathLenZero = true
	interTemplate.PermittedDNSDomainsCritical = true
	interTemplate.PermittedDNSDomains = permitted
	interTemplate.ExcludedIPRanges = []*net.IPNet{everyIPv4(), everyIPv6()}
	inter, err = sign(interTemplate, root, &key.PublicKey, rootKey)
	return root, inter, key, err
}

// authority is what root and intermediate have in common.
func authority(name pkix.Name, now time.Time) *x509.Certificate {
	return &x509.Certificate{
		Subject:               name,
		NotBefore:             now.Add(-backdate),
		NotAfter:              now.Add(chainLife),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		BasicConstraintsValid: true,
		IsCA:                  true,
	}
}

func everyIPv4() *net.IPNet {
	return &net.IPNet{IP: net.IPv4zero.To4(), Mask: net.CIDRMask(0, 32)}
}

func everyIPv6() *net.IPNet { return &net.IPNet{IP: net.IPv6zero, Mask: net.CIDRMask(0, 128)} }

// sign makes a certificate with a serial of its own: 120 random bits, of which
// the CA/Browser Forum asks for 64.
func sign(template, parent *x509.Certificate, public *ecdsa.PublicKey, key *ecdsa.PrivateKey) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, err
	}
	template.SerialNumber = serial
	der, err := x509.CreateCertificate(rand.Reader, template, parent, public, key)
	if err != nil {
		return nil, fmt.Errorf("sign %s: %w", template.Subject.CommonName, err)
	}
	return x509.ParseCertificate(der)
}

// permits reports whether name is within the intermediate's constraints. Go
// matches a constraint with and without subdomains, as RFC 5280, 4.2.1.10, says.
func (ca *CA) permits(name string) bool {
	return slices.ContainsFunc(ca.inter.PermittedDNSDomains, func(s string) bool {
		return name == s || strings.HasSuffix(name, "."+s)
	})
}

// RootPEM is the certificate to trust.
func (ca *CA) RootPEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.root.Raw})
}

// RootFingerprint is the SHA-256 of the root, lower-case hex.
func (ca *CA) RootFingerprint() string {
	sum := sha256.Sum256(ca.root.Raw)
	return hex.EncodeToString(sum[:])
}

// NotAfter is the end of the chain.
func (ca *CA) NotAfter() time.Time { return ca.inter.NotAfter }

// Path is the file with RootPEM; "" if the chain is in memory only.
func (ca *CA) Path() string { return ca.path }

// Renewed says why Open made a new chain in place of one that was there; "" if
// it didn't. Whoever trusted the old root has to trust the new one.
func (ca *CA) Renewed() string { return ca.renewed }

// SPKI is the value for Chromium's --ignore-certificate-errors-spki-list: the
// base64 SHA-256 of the intermediate's public key. Chromium compares it with
// every certificate that the server sends, and the intermediate is sent along
// with each leaf.
func (ca *CA) SPKI() string {
	sum := sha256.Sum256(ca.inter.RawSubjectPublicKeyInfo)
	return base64.StdEncoding.EncodeToString(sum[:])
}

// certificate is the chain that is served for a leaf.
func (ca *CA) certificate(l *x509.Certificate) *tls.Certificate {
	return &tls.Certificate{
		Certificate: [][]byte{l.Raw, ca.inter.Raw}, PrivateKey: ca.leafKey, Leaf: l,
	}
}
