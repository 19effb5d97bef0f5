package account

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"detour/internal/flow"
)

// networkACL decides by the network ACL of an interface's subnet: the lowest rule number that
// matches wins. It isn't evaluated between addresses of one subnet, and it is stateless, so
// the answer needs a rule, too: to the client's own port. AWS:
// docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html
func (c *Config) networkACL(p packet, n *networkInterface, out bool) result {
	check := flow.CheckNACLIn
	if out {
		check = flow.CheckNACLOut
	}
	from := p.From.Addr()
	own, outside := c.inSubnetOf(n, from)
	if own != nil {
		return admits(check, n.Subnet, own.place, "the client is in the interface's own subnet, where network ACLs don't apply")
	}
	a, why := c.aclOf(n, check, p)
	if a == nil {
		return why
	}
	entries, name, lo, hi := a.In, "inbound", int(p.To.Port()), int(p.To.Port())
	member := "ingress"
	if out {
		member = "egress"
		entries, name, lo, hi = a.Out, "outbound", int(p.From.Port()), int(p.From.Port())
		if lo == 0 {
			lo, hi = leastEphemeral, 65535
		}
	}
	what := fmt.Sprintf("%s/%d", p.Protocol, lo)
	if hi != lo {
		what = fmt.Sprintf("%s/%d-%d", p.Protocol, lo, hi)
	}
	say := fmt.Sprintf("%s %s", name, what)
	if from.IsValid() {
		say += map[bool]string{false: " from ", true: " to "}[out] + p.client()
	}
	at := place{a.File, a.Path + ".Entries (" + member + ")"}
	match := c.decide(entries, p, lo, hi)
	switch {
	case match.unsure != "":
		return unknown(check, a.ID, nil, "%s: %s", say, match.unsure)
	case !outside && (match.entry == nil || !match.entry.Allow):
		need := c.need(setSubnets, c.regionOf(p), "--subnet-ids "+n.Subnet)
		return unknown(check, a.ID, need, "%s is denied, unless the client is in %s itself, where network ACLs don't apply", say, n.Subnet)
	case match.entry == nil:
		r := denies(check, a.ID, at, "%s: no rule matches, so it is denied", say)
		return r
	case match.entry.Allow:
		return admits(check, a.ID, at, "%s: rule %d allows it", say, match.entry.Number)
	}
	r := denies(check, a.ID, at, "%s: rule %s denies it", say, number(match.entry.Number))
	if match.entry.Number < defaultRule {
		r.facts.number = match.entry.Number
	}
	if out {
		r.says += notAllowed(entries, p)
	}
	return r
}

// inSubnetOf is the interface's subnet, if the client is in it; outside is false if it may be,
// as when the subnet isn't in the files. The local routes of a table cover the whole VPC.
func (c *Config) inSubnetOf(n *networkInterface, client netip.Addr) (in *subnet, outside bool) {
	if !client.IsValid() {
		return nil, false
	}
	s := c.subnets.byID[n.Subnet]
	if s != nil && !c.subnets.conflicts[n.Subnet] && len(s.Prefixes) > 0 {
		if contains(s.Prefixes, client) {
			return s, false
		}
		return nil, slices.ContainsFunc(s.Prefixes, func(p netip.Prefix) bool { return p.Addr().Is4() == client.Is4() })
	}
	if v := c.vpcs.byID[n.VPC]; v != nil && !c.vpcs.conflicts[n.VPC] && len(v.Prefixes) > 0 {
		return nil, !contains(v.Prefixes, client)
	}
	t, _, sure := c.tableOf(n)
	return nil, sure && !slices.ContainsFunc(t.Routes, func(r route) bool {
		return r.Target == "local" && (!r.Prefix.IsValid() || r.Prefix.Contains(client))
	})
}

// leastEphemeral is the lowest port that clients use: NAT gateways do. AWS: "Ephemeral ports",
// docs.aws.amazon.com/vpc/latest/userguide/nacl-ephemeral-ports.html
const leastEphemeral = 1024

// defaultRule is the number of the last IPv4 rule of every network ACL, which denies; the IPv6
// one is the next.
const defaultRule = 32767

func number(n int) string {
	if n >= defaultRule {
		return fmt.Sprintf("* (%d)", n)
	}
	return fmt.Sprint(n)
}

// A match is the entry that decides; unsure says why none can be named.
type match struct {
	entry  *aclEntry
	unsure string
}

// decide finds the entry that decides about all ports from lo to hi. If they aren't decided
// alike, or the client's address is needed and unknown, it is unsure.
func (c *Config) decide(entries []aclEntry, p packet, lo, hi int) match {
	from := p.From.Addr()
	for i := range entries {
		e := &entries[i]
		switch {
		case e.Protocol != "-1" && e.Protocol != "" && e.Protocol != protocolNumbers[p.Protocol]:
			continue
		case e.Bad:
			return match{unsure: fmt.Sprintf("rule %d can't be understood", e.Number)}
		case e.Protocol != "-1" && (e.To < lo || hi < e.From):
			continue
		case from.IsValid() && !e.Prefix.Contains(from):
			continue
		case !from.IsValid() && e.Prefix.Addr().Is4() != p.To.Addr().Is4():
			continue
		case !from.IsValid() && e.Prefix.Bits() > 0:
			return match{unsure: fmt.Sprintf("rule %d is about %s, and the client's address isn't known", e.Number, e.Prefix)}
		case e.Protocol != "-1" && (lo < e.From || e.To < hi):
			return c.partly(entries[i:], p, lo, hi)
		}
		if i+1 < len(entries) && entries[i+1].Number == e.Number {
			if next := c.decide(entries[i+1:], p, lo, hi); next.entry != nil && next.entry.Number == e.Number && next.entry.Allow != e.Allow {
				return match{unsure: fmt.Sprintf("two rules have the number %d", e.Number)}
			}
		}
		return match{entry: e}
	}
	return match{}
}

// partly decides about a range of ports that an entry is only about in part: by the ranges of
// the usual systems, if they agree.
func (c *Config) partly(entries []aclEntry, p packet, lo, hi int) match {
	var first *match
	for _, port := range edges(entries, lo, hi) {
		m := c.decide(entries, p, port, port)
		if m.unsure != "" {
			return m
		}
		if first == nil {
			first = &m
			continue
		}
		if (m.entry != nil && m.entry.Allow) != (first.entry != nil && first.entry.Allow) {
			return match{unsure: "the client's port isn't known, and the rules allow some and deny others" + notAllowed(entries, p)}
		}
	}
	return *first
}

// edges are the ports from lo to hi at which an entry begins to apply, or no longer does: the
// ports between two are treated alike.
func edges(entries []aclEntry, lo, hi int) []int {
	out := []int{lo}
	for _, e := range entries {
		for _, port := range []int{e.From, e.To + 1} {
			if lo < port && port <= hi {
				out = append(out, port)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// The ports that clients choose by themselves. Linux: ip_local_port_range; Windows and macOS
// follow RFC 6335, section 6.
var clientPorts = []struct {
	of       string
	from, to int
}{{"Linux", 32768, 60999}, {"Windows and macOS", 49152, 65535}}

// notAllowed says which systems' ports the outbound rules don't allow in full.
func notAllowed(entries []aclEntry, p packet) string {
	var out []string
	for _, s := range clientPorts {
		if slices.ContainsFunc(edges(entries, s.from, s.to), func(port int) bool {
			i := slices.IndexFunc(entries, func(e aclEntry) bool {
				return !e.Bad && (e.Protocol == "-1" || e.Protocol == protocolNumbers[p.Protocol] && e.From <= port && port <= e.To) &&
					(!p.From.Addr().IsValid() || e.Prefix.Contains(p.From.Addr()))
			})
			return i < 0 || !entries[i].Allow
		}) {
			out = append(out, fmt.Sprintf("%s (%d-%d)", s.of, s.from, s.to))
		}
	}
	if len(out) == 0 {
		return ""
	}
	return "; not all ports are allowed that clients on " + strings.Join(out, " and ") + " use"
}

// aclOf is the network ACL of an interface's subnet. Without an association in the files it
// is unknown: the default ACL is associated by name, too.
func (c *Config) aclOf(n *networkInterface, check flow.CheckName, p packet) (*networkACL, result) {
	need := c.need(setACLs, c.regionOf(p), "--filters Name=association.subnet-id,Values="+n.Subnet)
	if n.Subnet == "" {
		return nil, unknown(check, n.ID, c.need(setInterfaces, c.regionOf(p), "--network-interface-ids "+n.ID),
			"its subnet isn't in these files")
	}
	var found []*networkACL
	for _, a := range c.acls.all {
		if slices.Contains(a.Subnets, n.Subnet) {
			found = append(found, a)
		}
	}
	switch {
	case len(found) == 0:
		return nil, unknown(check, n.Subnet, need, "the network ACL of %s isn't in these files", n.Subnet)
	case len(found) > 1 || c.acls.conflicts[found[0].ID]:
		return nil, unknown(check, n.Subnet, need, "the files say different things of the network ACL of %s", n.Subnet)
	}
	return found[0], result{}
}

// private reports whether an address isn't routed on the internet.
func private(a netip.Addr) bool { return flow.ScopeOf(a) != flow.ScopePublic }
