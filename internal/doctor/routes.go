package doctor

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"
)

// A Network is how private addresses would be reached.
type Network struct {
	Tunnels []Interface // those that look like a VPN's, and are up
	Samples []Route     // by what interface an address of each private range would be left for
	Table   []Route     // the routing table; empty: it couldn't be read
}

// An Interface has an address beyond its link.
type Interface struct {
	Name  string
	Addrs []string
}

// A Route says by which interface addresses are left for.
type Route struct {
	Range     netip.Prefix
	Interface string // "": there is no way
}

// PrivateRanges are those in which a VPC's addresses may be (RFC 1918, RFC 6598, RFC 4193).
func PrivateRanges() []netip.Prefix {
	return []netip.Prefix{
		netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("192.168.0.0/16"),
		netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("fd00::/8"),
	}
}

// Sample is the address of a private range that is asked for.
func Sample(r netip.Prefix) netip.Addr { return r.Addr().Next() }

// within reports whether all of p is in r.
func within(p, r netip.Prefix) bool { return p.Bits() >= r.Bits() && r.Contains(p.Addr()) }

// by are the private ranges that go by a tunnel: those of the table, but for its own
// link, and those of which a sample does without the table saying why, as with a
// tunnel for everything.
func (n Network) by(t Interface) (out []netip.Prefix) {
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
		all = append(all, r.Range.String()+" by "+r.Interface)
		if !slices.ContainsFunc(n.Tunnels, func(t Interface) bool { return t.Name == r.Interface }) && !slices.Contains(others, r.Interface) {
			others = append(others, r.Interface)
		}
	}
	var has, lacks []string
	for _, t := range n.Tunnels {
		if ranges := n.by(t); len(ranges) > 0 {
			has = append(has, t.Name+" takes "+few(ranges, 6, netip.Prefix.String))
		} else {
			lacks = append(lacks, t.Name)
		}
	}
	switch {
	case len(all)+len(has) == 0:
		return warn(code, "connect to a network", "there is no way to private addresses")
	case len(n.Tunnels) == 0:
		return ok(code, "no VPN's interface is up; samples of the private ranges: %s", strings.Join(all, ", "))
	case len(has) == 0:
		return warn(code, "if the VPC's addresses are to go by the VPN, its routes lack them; detour probe HOST shows the interface",
			"%s is up, but no private range goes by it; samples: %s", strings.Join(lacks, ", "), strings.Join(all, ", "))
	}
	text := strings.Join(has, "; ")
	if len(lacks) > 0 {
		text += "; " + strings.Join(lacks, ", ") + " none"
	}
	if len(others) > 0 {
		text += "; other private addresses go by " + strings.Join(others, ", ")
	}
	return ok(code, "a VPN is up: %s", text)
}
