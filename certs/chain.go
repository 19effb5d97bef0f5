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
	// chainLife is short enough for a forgotten chain to expire, and long enough to
	// spare people trusting a new root in the middle of a project. Apple's limit of
	// 825 days (support.apple.com/103769) is for leaves, but suits a chain too.
	chainLife = 825 * 24 * time.Hour
	// renewBefore is how long before it expires a chain is replaced.
	renewBefore = 30 * 24 * time.Hour
	// backdate allows for clocks that are behind, as in a virtual machine.
	backdate = 48 * time.Hour

	// organization tells whoever finds one of the certificates what made it.
	organization = "detour (local)"
	// unlimitedLabel is part of the names of an unconstrained chain's certificates.
	unlimitedLabel = "for every host"
)

// A chain has what is needed to sign leaves. It is immutable.
type chain struct {
	root  *x509.Certificate
	inter *x509.Certificate
	key   *ecdsa.PrivateKey // the intermediate's
}

// newChain creates a root and its only intermediate, and discards the root's key.
func newChain(want scope, now time.Time) (chain, error) {
	rootKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return chain{}, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return chain{}, err
	}
	// Both names end in part of the hash of the root's key. This tells chains apart
	// in a trust store, and when a verifier builds a path by names.
	public, err := rootKey.PublicKey.Bytes()
	if err != nil {
		return chain{}, err
	}
	id := sha256.Sum256(public)
	suffix := hex.EncodeToString(id[:4])

	if want.unlimited {
		suffix = unlimitedLabel + " " + suffix
	}
	rootTemplate := caTemplate("detour local CA "+suffix, now)
	rootTemplate.MaxPathLen = 1
	root, err := sign(rootTemplate, rootTemplate, &rootKey.PublicKey, rootKey)
	if err != nil {
		return chain{}, err
	}
	interTemplate := caTemplate("detour local intermediate "+suffix, now)
	interTemplate.MaxPathLenZero = true
	if !want.unlimited {
		interTemplate.PermittedDNSDomainsCritical = true
		interTemplate.PermittedDNSDomains = want.suffixes
		interTemplate.ExcludedIPRanges = allAddresses()
	}
	inter, err := sign(interTemplate, root, &key.PublicKey, rootKey)
	return chain{root: root, inter: inter, key: key}, err
}

// caTemplate is what the root and the intermediate have in common.
func caTemplate(name string, now time.Time) *x509.Certificate {
	return &x509.Certificate{
		Subject:               pkix.Name{Organization: []string{organization}, CommonName: name},
		NotBefore:             now.Add(-backdate),
		NotAfter:              now.Add(chainLife),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		BasicConstraintsValid: true,
		IsCA:                  true,
	}
}

// allAddresses are excluded explicitly: a name constraint limits only names of its
// own type (RFC 5280, 4.2.1.10), so one on DNS names leaves IP addresses allowed.
func allAddresses() []*net.IPNet {
	return []*net.IPNet{
		{IP: net.IPv4zero.To4(), Mask: net.CIDRMask(0, 8*net.IPv4len)},
		{IP: net.IPv6zero, Mask: net.CIDRMask(0, 8*net.IPv6len)},
	}
}

// sign creates a certificate. x509 chooses the serial number: 159 random bits.
func sign(template, parent *x509.Certificate, public *ecdsa.PublicKey, key *ecdsa.PrivateKey) (*x509.Certificate, error) {
	der, err := x509.CreateCertificate(rand.Reader, template, parent, public, key)
	if err != nil {
		return nil, fmt.Errorf("sign %s: %w", template.Subject, err)
	}
	return x509.ParseCertificate(der)
}
