package certs

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"fmt"
	"net"
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

	// organization tells whoever finds one of the certificates who made it.
	organization = "detour (local)"
	// everyHost is in the names of an unconstrained chain, for the same person.
	everyHost = "for every host"
)

// A chain is what signs leaves. It is never written to once it is made.
type chain struct {
	root  *x509.Certificate
	inter *x509.Certificate
	key   *ecdsa.PrivateKey // the intermediate's
}

// newChain makes a root and its only intermediate. The root's key dies here.
func newChain(want scope, now time.Time) (chain, error) {
	rootKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return chain{}, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return chain{}, err
	}
	// Both names end in a part of the root's key, so that two chains on one machine
	// are told apart in a trust store and never mixed up when a path is built.
	public, err := rootKey.PublicKey.Bytes()
	if err != nil {
		return chain{}, err
	}
	id := sha256.Sum256(public)
	tail := hex.EncodeToString(id[:4])

	if want.every {
		tail = everyHost + " " + tail
	}
	rootTemplate := authority("detour local CA "+tail, now)
	rootTemplate.MaxPathLen = 1
	root, err := sign(rootTemplate, rootTemplate, &rootKey.PublicKey, rootKey)
	if err != nil {
		return chain{}, err
	}
	interTemplate := authority("detour local intermediate "+tail, now)
	interTemplate.MaxPathLenZero = true
	if !want.every {
		interTemplate.PermittedDNSDomainsCritical = true
		interTemplate.PermittedDNSDomains = want.suffixes
		interTemplate.ExcludedIPRanges = everyAddress()
	}
	inter, err := sign(interTemplate, root, &key.PublicKey, rootKey)
	return chain{root: root, inter: inter, key: key}, err
}

// authority is what root and intermediate have in common.
func authority(name string, now time.Time) *x509.Certificate {
	return &x509.Certificate{
		Subject:               pkix.Name{Organization: []string{organization}, CommonName: name},
		NotBefore:             now.Add(-backdate),
		NotAfter:              now.Add(chainLife),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		BasicConstraintsValid: true,
		IsCA:                  true,
	}
}

// everyAddress is excluded: a constraint on names alone says nothing of
// addresses (RFC 5280, 4.2.1.10).
func everyAddress() []*net.IPNet {
	return []*net.IPNet{
		{IP: net.IPv4zero.To4(), Mask: net.CIDRMask(0, 8*net.IPv4len)},
		{IP: net.IPv6zero, Mask: net.CIDRMask(0, 8*net.IPv6len)},
	}
}

// sign makes a certificate. Its serial is x509's own, 159 random bits.
func sign(template, parent *x509.Certificate, public *ecdsa.PublicKey, key *ecdsa.PrivateKey) (*x509.Certificate, error) {
	der, err := x509.CreateCertificate(rand.Reader, template, parent, public, key)
	if err != nil {
		return nil, fmt.Errorf("sign %s: %w", template.Subject, err)
	}
	return x509.ParseCertificate(der)
}
