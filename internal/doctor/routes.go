package doctor

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"

	"detour/internal/wording"
)

// A Network is how private addresses are routed.
type Network struct {
	Tunnels []Interface // interfaces that look like a VPN's, and are up
	Samples []Route     // the interface for an address of each private range
	Table   []Route     // the routing table; empty: it couldn't be read
}

// An Interface is one with an address that isn't link-local.
type Interface struct {
	Name  string
	Addrs []string
}

// A Route is the interface that packets to a range of addresses use.
type Route struct {
	Range     netip.Prefix
	Interface string // "": there is no route
}

// PrivateRanges returns the ranges in which a VPC's addresses may be (RFC 1918, RFC 6598, RFC 4193).
func PrivateRanges() []netip.Prefix {
	return []netip.Prefix{
		netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("192.168.0.0/16"),
		netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("fd00::/8"),
	}
}

// Sample returns the address of a private range that stands for it in Network.Samples.
func Sample(r netip.Prefix) netip.Addr { return r.Addr().Next() }

// within reports whether all of p is in r.
func within(p, r netip.Prefix) bool { return p.Bits() >= r.Bits() && r.Contains(p.Addr()) }

// through are the private ranges that are routed through a tunnel: those of the routing
// table, except its own link, and those whose sample is without a line of the table that
// explains it, as with a tunnel for everything.
func (n Network) through(t Interface) (out []netip.Prefix) {
	for _, r := range n.Table {
		private := slices.ContainsFunc(PrivateRanges(), func(p netip.Prefix) bool { return within(r.Range, p) })
		if r.Interface == t.Name && private && !t.link(r.Range) {
			out = append(out, r.Range.Masked())
		}
	}
	for _, r := range n.Samples {
		known := slices.ContainsFunc(n.Table, func(l Route) bool {
			return l.Interface == t.Name && within(l.Range, r.Range) && l.Range.Contains(Sample(r.Range))
		})
		if r.Interface == t.Name && !known {
			out = append(out, r.Range)
		}
	}
	slices.SortFunc(out, func(a, b netip.Prefix) int {
		return cmp.Or(a.Addr().Compare(b.Addr()), cmp.Compare(a.Bits(), b.Bits()))
	})
	return slices.Compact(out)
}

// link reports whether r is the network, or part of the network, that the
// interface's own addresses are in.
func (t Interface) link(r netip.Prefix) bool {
	return slices.ContainsFunc(t.Addrs, func(a string) bool {
		own, err := netip.ParsePrefix(a)
		return err == nil && within(r, own.Masked())
	})
}

func (n Network) check() Check {
	const code = "routes"
	var all, others []string
	for _, r := range n.Samples {
		if r.Interface == "" {
			continue
		}
		all = append(all, r.Range.String()+" through "+r.Interface)
		if !slices.ContainsFunc(n.Tunnels, func(t Interface) bool { return t.Name == r.Interface }) && !slices.Contains(others, r.Interface) {
			others = append(others, r.Interface)
		}
	}
	var has, lacks []string
	for _, t := range n.Tunnels {
		if ranges := n.through(t); len(ranges) > 0 {
			has = append(has, t.Name+" carries "+some(ranges))
		} else {
			lacks = append(lacks, t.Name)
		}
	}
	switch {
	case len(all)+len(has) == 0:
		return warn(code, "connect to a network", "no route to private addresses")
	case len(n.Tunnels) == 0:
		return ok(code, "no VPN interface is up; sample routes: %s", strings.Join(all, ", "))
	case len(has) == 0:
		return warn(code, "if the VPC's addresses should use the VPN, it lacks routes for them; detour probe HOST shows the interface",
			"%s is up, but no private range is routed through it; sample routes: %s", strings.Join(lacks, ", "), strings.Join(all, ", "))
	}
	text := strings.Join(has, "; ")
	if len(lacks) > 0 {
		text += "; " + strings.Join(lacks, ", ") + " carries none"
	}
	if len(others) > 0 {
		text += "; other private addresses go through " + strings.Join(others, ", ")
	}
	return ok(code, "a VPN is up: %s", text)
}

// some lists a few ranges.
func some(ranges []netip.Prefix) string {
	words := make([]string, len(ranges))
	for i, r := range ranges {
		words[i] = r.String()
	}
	return wording.Some(words, 6)
}
