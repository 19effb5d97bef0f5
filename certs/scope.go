package certs

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"net"
	"net/netip"
	"slices"
	"time"
)

// A scope is what a chain may sign for: names at or below its suffixes, in lower
// case and sorted, or everything. Its zero value is nothing.
type scope struct {
	suffixes []string
	every    bool
}

// only is the scope of these suffixes, of which there must be some.
func only(suffixes []string) (scope, error) {
	list, err := suffixList(suffixes)
	return scope{suffixes: list}, err
}

// scope is what c was made for.
func (c chain) scope() scope {
	return scope{suffixes: c.inter.PermittedDNSDomains, every: c.unconstrained()}
}

// permits reports whether c may sign for name, a host name or an address as
// hostName and address return them.
func (c chain) permits(name string) bool {
	return c.unconstrained() || slices.ContainsFunc(c.inter.PermittedDNSDomains, func(suffix string) bool {
		return within(name, suffix)
	})
}

// mixedUp is an error if c is of the other kind than want. Such a chain is never
// replaced: a person has put it there, or has named the wrong directory.
func (c chain) mixedUp(want scope) error {
	switch {
	case want.every && !c.unconstrained():
		return errors.New("it signs for some hosts only, and one for every host was asked for; name another directory")
	case !want.every && c.unconstrained():
		return errors.New("it signs for every host, and one with limits was asked for; name another directory")
	}
	return nil
}

// unfit says why the chain can't serve for what is wanted; "" if it can.
func (c chain) unfit(want scope, now time.Time) string {
	for _, cert := range []*x509.Certificate{c.root, c.inter} {
		if now.Add(renewBefore).After(cert.NotAfter) {
			return "the old one ends on " + cert.NotAfter.Format(time.DateOnly)
		}
	}
	if want.every {
		return ""
	}
	if !c.constrained() {
		return "the old one may sign for everything"
	}
	for _, s := range want.suffixes {
		if !c.permits(s) {
			return "the old one may not sign for " + s
		}
	}
	return ""
}

// constrained reports whether the intermediate is as limited as newChain makes
// them, whatever its suffixes.
func (c chain) constrained() bool {
	_, err := suffixList(c.inter.PermittedDNSDomains)
	return err == nil && c.inter.PermittedDNSDomainsCritical && c.inter.MaxPathLenZero &&
		slices.EqualFunc(c.inter.ExcludedIPRanges, everyAddress(), func(a, b *net.IPNet) bool {
			return a.String() == b.String()
		})
}

// unconstrained reports whether the intermediate has no name constraints at all
// (id-ce-nameConstraints, RFC 5280, 4.2.1.10).
func (c chain) unconstrained() bool {
	return !slices.ContainsFunc(c.inter.Extensions, func(e pkix.Extension) bool {
		return e.Id.Equal(asn1.ObjectIdentifier{2, 5, 29, 30})
	})
}

// address returns an IP address as an unconstrained chain may sign for it.
func address(name string) (netip.Addr, bool) {
	a, err := netip.ParseAddr(name)
	return a.Unmap(), err == nil && a.Zone() == ""
}
