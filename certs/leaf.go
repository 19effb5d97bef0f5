package certs

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"net"
	"time"
)

// leafLife is below the 200 days that browsers accept from March 2026 on
// (CA/Browser Forum ballot SC-081).
const leafLife = 197 * 24 * time.Hour

// Leaf returns a certificate for exactly name, with the intermediate; an
// unconstrained chain has them for IP addresses too. It is
// cached and shared: it must not be written to. The error wraps ErrInvalidName or
// ErrNotPermitted if no certificate can be had for such a name.
func (ca *CA) Leaf(name string) (*tls.Certificate, error) {
	name, err := ca.subject(name)
	if err != nil {
		return nil, err
	}
	if !ca.permits(name) {
		return nil, fmt.Errorf("certificate for %s: %w", name, ErrNotPermitted)
	}
	now := ca.now()
	if !now.Before(ca.inter.NotAfter) {
		return nil, fmt.Errorf("certificate for %s: the signing chain ended on %s; start again to get a new one",
			name, ca.inter.NotAfter.Format(time.DateOnly))
	}
	l := ca.leaves.get(name, now)
	l.once.Do(func() {
		if l.cert, l.err = ca.signLeaf(name, now); l.err != nil {
			ca.leaves.drop(l)
			return
		}
		ca.leaves.keep(l, ca.renewal(l.cert.Leaf))
	})
	return l.cert, l.err
}

// subject returns name as it is signed and cached.
func (ca *CA) subject(name string) (string, error) {
	if a, ok := address(name); ok && ca.unconstrained() {
		return a.String(), nil
	}
	return hostName(name)
}

// renewal is from when a leaf is signed anew; zero if that can't make it last
// longer, because it ends with the chain.
func (ca *CA) renewal(leaf *x509.Certificate) time.Time {
	if !leaf.NotAfter.Before(ca.inter.NotAfter) {
		return time.Time{}
	}
	return leaf.NotAfter.Add(-leafRenew)
}

func (ca *CA) signLeaf(name string, now time.Time) (*tls.Certificate, error) {
	end := now.Add(leafLife - backdate)
	if end.After(ca.inter.NotAfter) {
		end = ca.inter.NotAfter
	}
	template := &x509.Certificate{
		Subject:               pkix.Name{Organization: []string{organization}},
		NotBefore:             now.Add(-backdate),
		NotAfter:              end,
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
	}
	if a, ok := address(name); ok {
		template.IPAddresses = []net.IP{a.AsSlice()}
	} else {
		template.DNSNames = []string{name}
	}
	c, err := sign(template, ca.inter, &ca.leafKey.PublicKey, ca.key)
	if err != nil {
		return nil, err
	}
	return &tls.Certificate{
		Certificate: [][]byte{c.Raw, ca.inter.Raw}, PrivateKey: ca.leafKey, Leaf: c,
	}, nil
}
