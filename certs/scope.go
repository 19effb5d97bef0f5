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

// A scope is what a chain can sign for: its suffixes, in lower case and sorted, and
// their subdomains, or everything. The zero value is nothing.
type scope struct {
	suffixes  []string
	unlimited bool
}

// limitedTo returns the scope of at least one suffix.
func limitedTo(suffixes []string) (scope, error) {
	list, err := suffixList(suffixes)
	return scope{suffixes: list}, err
}

// scope returns what c can sign for.
func (c chain) scope() scope {
	return scope{suffixes: c.inter.PermittedDNSDomains, unlimited: c.unconstrained()}
}

// permits reports whether c can sign for name, which is in canonical form.
func (c chain) permits(name string) bool {
	return c.unconstrained() || slices.ContainsFunc(c.inter.PermittedDNSDomains, func(suffix string) bool {
		return inDomain(name, suffix)
	})
}

// checkKind returns an error if one of c and want is unconstrained and the other
// isn't. Such a chain is never replaced: it was put there on purpose, or the
// directory is the wrong one.
func (c chain) checkKind(want scope) error {
	switch {
	case want.unlimited && !c.unconstrained():
		return errors.New("this chain is limited to some domains, but one for every host was requested; choose another directory")
	case !want.unlimited && c.unconstrained():
		return errors.New("this chain signs for every host, but one limited to some domains was requested; choose another directory")
	}
	return nil
}

// renewalReason returns why the chain must be replaced to sign for want, or "" if it
// needn't be.
func (c chain) renewalReason(want scope, now time.Time) string {
	for _, cert := range []*x509.Certificate{c.root, c.inter} {
		if now.Add(renewBefore).After(cert.NotAfter) {
			return "the old one's expiration date was " + cert.NotAfter.Format(time.DateOnly)
		}
	}
	if want.unlimited {
		return ""
	}
	if !c.constrained() {
		return "the old one wasn't limited to the permitted domains"
	}
	for _, s := range want.suffixes {
		if !c.permits(s) {
			return "the old one couldn't sign for " + s
		}
	}
	return ""
}

// constrained reports whether the intermediate has the constraints that newChain
// sets, with whichever suffixes.
func (c chain) constrained() bool {
	_, err := suffixList(c.inter.PermittedDNSDomains)
	return err == nil && c.inter.PermittedDNSDomainsCritical && c.inter.MaxPathLenZero &&
		slices.EqualFunc(c.inter.ExcludedIPRanges, allAddresses(), func(a, b *net.IPNet) bool {
			return a.String() == b.String()
		})
}

// unconstrained reports whether the intermediate has no name constraints extension
// (id-ce-nameConstraints, RFC 5280, 4.2.1.10).
func (c chain) unconstrained() bool {
	return !slices.ContainsFunc(c.inter.Extensions, func(e pkix.Extension) bool {
		return e.Id.Equal(asn1.ObjectIdentifier{2, 5, 29, 30})
	})
}

// parseAddress parses an IP address that an unconstrained chain can sign for: one
// without a zone, and IPv4 rather than IPv4-mapped.
func parseAddress(name string) (netip.Addr, bool) {
	a, err := netip.ParseAddr(name)
	return a.Unmap(), err == nil && a.Zone() == ""
}
