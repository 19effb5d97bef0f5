// Package splitdns says which nameservers a system asks for some names only, as VPNs set it up:
// Windows' name resolution policy table, and the resolvers by domain of macOS. [Rules] reads them,
// [Rules.For] picks those for a name.
package splitdns

import (
	"net/netip"
	"strings"
)

// A Rule sends names to nameservers.
type Rule struct {
	Domain  string // in lower case, without dots at its ends; "": every name
	Exact   bool   // the name alone, and none below it
	Servers []netip.AddrPort
}

// Rules are in the order in which the system has them.
type Rules []Rule

// For returns the nameservers of the rule with the longest domain that name is in, the first of
// several; nil if there is none, so the usual ones are asked.
func (r Rules) For(name string) []netip.AddrPort {
	name = trim(name)
	var best *Rule
	for i := range r {
		if r[i].matches(name) && (best == nil || r[i].before(*best)) {
			best = &r[i]
		}
	}
	if best == nil {
		return nil
	}
	return best.Servers
}

func (r Rule) matches(name string) bool {
	switch {
	case len(r.Servers) == 0:
		return false
	case r.Exact:
		return name == r.Domain
	}
	return r.Domain == "" || name == r.Domain || strings.HasSuffix(name, "."+r.Domain)
}

// before reports whether r is more specific than other.
func (r Rule) before(other Rule) bool {
	if r.Exact != other.Exact {
		return r.Exact
	}
	return len(r.Domain) > len(other.Domain)
}

func trim(name string) string { return strings.Trim(strings.ToLower(strings.TrimSpace(name)), ".") }

// servers parses addresses with an optional port.
func servers(texts []string, port uint16) (out []netip.AddrPort) {
	for _, s := range texts {
		if a, err := netip.ParseAddr(strings.TrimSpace(s)); err == nil {
			out = append(out, netip.AddrPortFrom(a.Unmap(), port))
		}
	}
	return out
}

const dnsPort = 53
