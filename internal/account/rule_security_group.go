package account

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"detour/internal/flow"
)

// securityGroups decides by the rules of all of an interface's groups together. Groups are
// stateful: answers need no rule. AWS: docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html
func (c *Config) securityGroups(p packet, n *networkInterface) result {
	const check = flow.CheckSecurityGroup
	region := c.regionOf(p)
	if len(n.Groups) == 0 {
		return unknown(check, n.ID, c.need(setInterfaces, region, "--network-interface-ids "+n.ID),
			"the interface has no group in these files")
	}
	var unsure *result
	var no []result
	for _, id := range c.groupsOf(n) {
		r := c.securityGroup(p, id, n)
		switch r.verdict {
		case flow.CheckAdmits:
			if !slices.Contains(n.Groups, id) {
				unsure = &result{check: check, verdict: flow.CheckUnknown, object: id, says: "the endpoint has the group " + id +
					", which admits the client; its interface " + n.ID + " hasn't: the files are of different times"}
				continue
			}
			return r
		case flow.CheckUnknown:
			if unsure == nil {
				unsure = &r
			}
		case flow.CheckDenies:
			if slices.Contains(n.Groups, id) {
				no = append(no, r)
			}
		}
	}
	if unsure != nil {
		return *unsure
	}
	out := no[0]
	out.more = no[1:]
	return out
}

// groupsOf are the groups of an interface and of its endpoint, which are the same unless the
// files are of different times.
func (c *Config) groupsOf(n *networkInterface) []string {
	out := slices.Clone(n.Groups)
	if e := c.byENI[n.ID]; e != nil {
		for _, g := range e.Groups {
			if !slices.Contains(out, g) {
				out = append(out, g)
			}
		}
	}
	return out
}

// securityGroup decides by one group.
func (c *Config) securityGroup(p packet, id string, n *networkInterface) result {
	const check = flow.CheckSecurityGroup
	region := c.regionOf(p)
	g := c.groups.byID[id]
	if g == nil || c.groups.conflicts[id] {
		return unknown(check, id, c.need(setGroups, region, "--group-ids "+id), "its rules aren't in these files")
	}
	var why *result
	say := func(r result) {
		if why == nil {
			why = &r
		}
	}
	for i, rule := range g.In {
		fits, sure := rule.fits(p)
		if !fits {
			if !sure {
				say(unknown(check, id, nil, "a rule can't be understood: %s", short(rule.String())))
			}
			continue
		}
		at := place{g.File, fmt.Sprintf("%s.IpPermissions[%d]", g.Path, i)}
		switch {
		case contains(rule.Sources, p.From.Addr()):
			return admits(check, id, at, "admits %s from %s", p.service(), covering(rule.Sources, p.From.Addr()))
		case !p.From.Addr().IsValid() && everyone(rule.Sources, p.To.Addr()):
			return admits(check, id, at, "admits %s from every address", p.service())
		}
		if !p.From.Addr().IsValid() && len(rule.Sources) > 0 {
			say(unknown(check, id, nil, "%s; the client's address isn't known", g.admitted(p)))
		}
		for _, l := range rule.Lists {
			if r := c.listAdmits(p, g, l, at); r.verdict == flow.CheckAdmits {
				return r
			} else if r.verdict == flow.CheckUnknown {
				say(r)
			}
		}
		for _, other := range rule.Groups {
			if r := c.memberOf(p, g, other, n, at); r.verdict == flow.CheckAdmits {
				return r
			} else if r.verdict == flow.CheckUnknown {
				say(r)
			}
		}
		if len(rule.Unreadable) > 0 {
			say(unknown(check, id, nil, "the source %q of a rule can't be understood", short(rule.Unreadable[0])))
		}
	}
	if why != nil {
		return *why
	}
	if !p.From.Addr().IsValid() {
		return denies(check, id, g.place, "%s, whatever the client's address is", g.admitted(p))
	}
	return denies(check, id, g.place, "%s; the client is %s", g.admitted(p), p.client())
}

// fits reports whether a rule is about the packet's protocol and port, and false, false if
// that can't be told.
func (r permission) fits(p packet) (fits, sure bool) {
	switch strings.ToLower(r.Protocol) {
	case "-1", "all":
		return true, true
	case p.Protocol, protocolNumbers[p.Protocol]:
	case "":
		return false, false
	default:
		return false, true
	}
	switch {
	case r.SelfContradict || r.From > r.To:
		return false, false
	case r.From == -1 && r.To == -1:
		return false, false // AWS writes ports for TCP and UDP
	}
	port := int(p.To.Port())
	return r.From <= port && port <= r.To, true
}

// String is a rule in short: "tcp/443 from 10.0.0.0/16".
func (r permission) String() string {
	ports := ""
	switch {
	case r.From >= 0 && r.From == r.To:
		ports = "/" + strconv.Itoa(r.From)
	case r.From >= 0:
		ports = fmt.Sprintf("/%d-%d", r.From, r.To)
	}
	protocol := r.Protocol
	if protocol == "-1" {
		protocol, ports = "everything", ""
	}
	var from []string
	for _, s := range r.Sources {
		from = append(from, s.String())
	}
	from = append(append(append(from, r.Lists...), r.Groups...), r.Unreadable...)
	return protocol + ports + " from " + strings.Join(from, ", ")
}

// admitted is what a group admits of packets of this kind: "admits tcp/443 from 10.0.0.0/16".
func (g *securityGroup) admitted(p packet) string {
	var out []string
	for _, r := range g.In {
		if fits, _ := r.fits(p); fits {
			out = append(out, r.String())
		}
	}
	if len(out) == 0 {
		return "admits no " + p.service() + " from anywhere"
	}
	return short("admits " + strings.Join(out, " and "))
}

// service is the packet's protocol and port: "tcp/443".
func (p packet) service() string { return fmt.Sprintf("%s/%d", p.Protocol, p.To.Port()) }

// listAdmits decides by a prefix list.
func (c *Config) listAdmits(p packet, g *securityGroup, list string, at place) result {
	const check = flow.CheckSecurityGroup
	x := c.entries.byID[list]
	from := p.From.Addr()
	switch {
	case x != nil && from.IsValid() && contains(x.Prefixes, from):
		return admits(check, g.ID, at, "admits %s from the prefix list %s, which has %s", p.service(), list, covering(x.Prefixes, from))
	case x == nil || x.Partial:
		return unknown(check, g.ID, c.need(setEntries, c.regionOf(p), "--prefix-list-id "+list),
			"admits %s from the prefix list %s, whose entries aren't all in these files", p.service(), list)
	case !from.IsValid():
		return unknown(check, g.ID, nil, "admits %s from the prefix list %s; the client's address isn't known", p.service(), list)
	}
	return result{verdict: flow.CheckDenies}
}

// memberOf decides by a reference to a group: it admits the interfaces that are in the group,
// and never a machine outside of AWS.
func (c *Config) memberOf(p packet, g *securityGroup, other string, n *networkInterface, at place) result {
	const check = flow.CheckSecurityGroup
	from := p.From.Addr()
	for _, x := range c.byAddress[from] {
		if slices.Contains(x.Groups, other) {
			return admits(check, g.ID, at, "admits %s from the group %s, which %s has", p.service(), other, x.ID)
		}
	}
	elsewhere := func(why string) result {
		return unknown(check, g.ID, nil, "admits %s from the group %s; whether the client's interface is in it isn't in these files: %s",
			p.service(), other, why)
	}
	inside, known := c.inVPC(from, n.VPC)
	o := c.groups.byID[other]
	switch {
	case !from.IsValid():
		return elsewhere("its address isn't known")
	case slices.ContainsFunc(c.byAddress[from], func(x *networkInterface) bool {
		return x.VPC == n.VPC && !c.interfaces.conflicts[x.ID] && len(x.Groups) > 0
	}):
		return result{verdict: flow.CheckDenies} // its interface is known, and has other groups
	case !known:
		return elsewhere("the VPC's addresses aren't known")
	case o == nil || o.VPC != n.VPC || c.groups.conflicts[other]:
		// A group of a peered VPC or, over a transit gateway, of another one: its members may be anywhere there.
		if c.outsideAWS(from, n) {
			return result{verdict: flow.CheckDenies}
		}
		return elsewhere("the group may be another VPC's")
	case inside:
		return elsewhere(from.String() + " is an address of the VPC")
	}
	return result{verdict: flow.CheckDenies}
}

// outsideAWS reports whether the way back to an address leads out of AWS, through a virtual
// private gateway, so that no interface has it.
func (c *Config) outsideAWS(a netip.Addr, n *networkInterface) bool {
	t, _, sure := c.tableOf(n)
	if t == nil || !sure || c.unreadList(t) != "" {
		return false
	}
	ways := c.ways(t, a)
	return len(ways) > 0 && !slices.ContainsFunc(ways, func(r route) bool { return !strings.HasPrefix(r.Target, "vgw-") })
}

// covering is the prefix that contains an address.
func covering(all []netip.Prefix, a netip.Addr) netip.Prefix {
	return all[longest(all, a, func(p netip.Prefix) netip.Prefix { return p })]
}

// everyone reports whether a prefix contains every address of the family of a.
func everyone(all []netip.Prefix, a netip.Addr) bool {
	return slices.ContainsFunc(all, func(p netip.Prefix) bool { return p.Bits() == 0 && p.Addr().Is4() == a.Is4() })
}
