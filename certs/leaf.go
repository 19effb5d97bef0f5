package certs

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
)

const (
	// leafLife is below the 200 days that browsers accept from March 2026 on
	// (CA/Browser Forum ballot SC-081).
	leafLife = 197 * 24 * time.Hour
	// leafRenew is when a cached leaf is signed anew ahead of its end.
	leafRenew = 24 * time.Hour
	maxLeaves = 2000
)

// ErrNotPermitted is the error for a name that the chain must not sign for.
var ErrNotPermitted = errors.New("outside the names that this CA may sign for")

// A leaf is signed by whoever asks for it first.
type leaf struct {
	once  sync.Once
	cert  *tls.Certificate
	err   error
	used  uint64    // the CA's clock when it was asked for last
	renew time.Time // from when it is signed anew
}

// Leaf returns a certificate for exactly name, with the intermediate. It is
// cached; the certificate must not be written to.
func (ca *CA) Leaf(name string) (*tls.Certificate, error) {
	name = strings.TrimSuffix(strings.ToLower(name), ".")
	if !validName(name) {
		return nil, fmt.Errorf("certificate for %q: not a DNS name", name)
	}
	if !ca.permits(name) {
		return nil, fmt.Errorf("certificate for %s: %w", name, ErrNotPermitted)
	}
	l := ca.cached(name)
	l.once.Do(func() { l.cert, l.err = ca.signLeaf(name) })
	return l.cert, l.err
}

// cached returns the entry for name, a fresh one if there is none or its
// certificate nears its end.
func (ca *CA) cached(name string) *leaf {
	ca.mu.Lock()
	defer ca.mu.Unlock()
	l, now := ca.leaves[name], ca.now()
	if l == nil || now.After(l.renew) {
		if len(ca.leaves) >= maxLeaves {
			ca.evict()
		}
		l = &leaf{renew: ca.leafEnd(now).Add(-leafRenew)}
		ca.leaves[name] = l
	}
	ca.clock++
	l.used = ca.clock
	return l
}

// evict drops the half that was used longest ago. A browser session has some
// hundred hosts, so this is for the odd one out, and need not be quick.
func (ca *CA) evict() {
	for name, l := range ca.leaves {
		if l.used < ca.clock-maxLeaves/2 {
			delete(ca.leaves, name)
		}
	}
	for name := range ca.leaves {
		if len(ca.leaves) < maxLeaves {
			break
		}
		delete(ca.leaves, name)
	}
}

// leafEnd is the end of a leaf signed now.
func (ca *CA) leafEnd(now time.Time) time.Time {
	end := now.Add(leafLife - backdate)
	if end.After(ca.inter.NotAfter) {
		end = ca.inter.NotAfter
	}
	return end
}

func (ca *CA) signLeaf(name string) (*tls.Certificate, error) {
	now := ca.now()
	template := &x509.Certificate{
		Subject:               pkix.Name{Organization: []string{"detour on this machine"}},
		NotBefore:             now.Add(-backdate),
		NotAfter:              ca.leafEnd(now),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
		DNSNames:              []string{name},
	}
	c, err := sign(template, ca.inter, &ca.leafKey.PublicKey, ca.key)
	if err != nil {
		return nil, err
	}
	return ca.certificate(c), nil
}

// validName reports whether s is a DNS host name of letters, digits, hyphens and
// underscores. S3 has buckets with underscores.
func validName(s string) bool {
	if s == "" || len(s) > 253 {
		return false
	}
	for _, label := range strings.Split(s, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for i := range len(label) {
			c := label[i]
			if !('a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '_') {
				return false
			}
		}
	}
	return true
}
