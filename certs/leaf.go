package certs

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"net"
	"time"
)

// leafLife is below the 200 days that browsers accept since March 2026
// (CA/Browser Forum ballot SC-081).
const leafLife = 197 * 24 * time.Hour

// Leaf returns a certificate for exactly name, followed by the intermediate. name
// is a DNS host name, in any case and with or without a final dot; for an
// unconstrained chain it can also be an IP address. Certificates are cached and
// shared; don't modify them.
//
// The error wraps [ErrInvalidName] if name is neither, and [ErrNotPermitted] if
// the chain isn't permitted to sign for it.
func (ca *CA) Leaf(name string) (*tls.Certificate, error) {
	name, err := ca.canonicalName(name)
	if err != nil {
		return nil, err
	}
	if !ca.permits(name) {
		return nil, fmt.Errorf("certificate for %s: %w", name, ErrNotPermitted)
	}
	now := ca.now()
	if !now.Before(ca.inter.NotAfter) {
		return nil, fmt.Errorf("certificate for %s: the signing chain expired on %s; restart detour to get a new one",
			name, ca.inter.NotAfter.Format(time.DateOnly))
	}
	l := ca.leaves.get(name, now)
	l.once.Do(func() {
		if l.cert, l.err = ca.signLeaf(name, now); l.err != nil {
			ca.leaves.drop(l)
			return
		}
		ca.leaves.setRenew(l, ca.renewAt(l.cert.Leaf))
	})
	return l.cert, l.err
}

// canonicalName returns name as it is signed and cached.
func (ca *CA) canonicalName(name string) (string, error) {
	if a, ok := parseAddress(name); ok && ca.unconstrained() {
		return a.String(), nil
	}
	return hostName(name)
}

// renewAt returns when to replace a leaf, or zero if a new one would expire no
// later because the chain does.
func (ca *CA) renewAt(leaf *x509.Certificate) time.Time {
	if !leaf.NotAfter.Before(ca.inter.NotAfter) {
		return time.Time{}
	}
	return leaf.NotAfter.Add(-leafRenewBefore)
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
	if a, ok := parseAddress(name); ok {
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
