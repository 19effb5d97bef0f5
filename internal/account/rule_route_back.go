package account

import (
	"net/netip"
	"slices"
	"strings"

	"detour/internal/flow"
)

// routeBack decides by the route of the interface's subnet to the client: the most specific one.
// An internet or NAT gateway is no way to a private address, and a blackhole drops what it
// matches. AWS: docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html
func (c *Config) routeBack(p packet, n *networkInterface) result {
	const check = flow.CheckRouteBack
	t, why, sure := c.tableOf(n)
	if t == nil || !sure {
		return unknown(check, n.Subnet, c.need(setTables, c.regionOf(p), "--filters Name=vpc-id,Values="+n.VPC), "%s", why)
	}
	from := p.From.Addr()
	if !from.IsValid() {
		return unknown(check, t.ID, nil, "the client's address isn't known, so neither is the route to it")
	}
	if c.unreadLists(t) {
		return unknown(check, t.ID, c.need(setEntries, c.regionOf(p), "--prefix-list-id "+c.unreadList(t)),
			"it has a route for a prefix list whose entries aren't in these files")
	}
	r, found := c.routeTo(t, from)
	if !found {
		d := denies(check, t.ID, t.place, "has no route to %s", from)
		d.facts = fact{vpc: t.VPC}
		return d
	}
	no := func(format string, args ...any) result {
		d := denies(check, t.ID, t.place, format, args...)
		d.facts = fact{vpc: t.VPC, target: r.Target}
		return d
	}
	kind, _, _ := strings.Cut(r.Target, "-")
	switch {
	case r.Blackhole:
		return no("its route to %s, %s over %s, is a blackhole", from, r.Prefix, target(r))
	case r.Target == "":
		return unknown(check, t.ID, nil, "the target of its route %s isn't known", r.Prefix)
	case kind == "igw" && !private(from):
		if from.Is4() {
			return unknown(check, t.ID, nil, "its route to %s goes to %s, which an interface uses only with a public address", from, r.Target)
		}
	case kind == "igw" || kind == "eigw" || kind == "nat":
		return no("its route to %s is %s over %s, which carries nothing to a private address", from, r.Prefix, r.Target)
	case r.Target == "local":
		v := c.vpcs.byID[n.VPC]
		if v != nil && len(v.Prefixes) > 0 && !contains(v.Prefixes, from) {
			return unknown(check, t.ID, nil, "its route to %s is local, though the VPC doesn't have the address", from)
		}
	}
	return admits(check, t.ID, t.place, "its route to %s is %s over %s", from, r.Prefix, target(r))
}

func target(r route) string {
	if r.Target == "" {
		return "a target that isn't known"
	}
	return r.Target
}

// tableOf is the route table of an interface's subnet: the one that is associated with it, or
// else the VPC's main one. sure is false if another file may have another one.
func (c *Config) tableOf(n *networkInterface) (t *routeTable, why string, sure bool) {
	var own, main []*routeTable
	for _, x := range c.tables.all {
		if n.Subnet != "" && slices.Contains(x.Subnets, n.Subnet) {
			own = append(own, x)
		}
		if x.Main && x.VPC == n.VPC && n.VPC != "" {
			main = append(main, x)
		}
	}
	found := own
	if len(found) == 0 {
		found = main
	}
	switch {
	case len(found) == 0:
		return nil, "the route table of " + n.Subnet + " isn't in these files", false
	case len(found) > 1 || c.tables.conflicts[found[0].ID]:
		return found[0], "the files say different things of the route table of " + n.Subnet, false
	case len(own) == 0 && !c.complete(setTables):
		return found[0], "whether a table other than the VPC's main one is associated with " + n.Subnet + " isn't in these files", false
	}
	return found[0], "", true
}

// routeTo is a table's route to an address: the most specific one; of equal ones a static
// route has precedence.
func (c *Config) routeTo(t *routeTable, a netip.Addr) (best route, found bool) {
	for _, r := range t.Routes {
		all := []netip.Prefix{r.Prefix}
		if r.List != "" {
			if strings.HasPrefix(r.Target, "vpce-") && private(a) {
				continue // a gateway endpoint: its list has AWS's public addresses
			}
			all = nil
			if x := c.entries.byID[r.List]; x != nil {
				all = x.Prefixes
			}
		}
		for _, q := range all {
			if !q.IsValid() || !q.Contains(a) {
				continue
			}
			if !found || q.Bits() > best.Prefix.Bits() || q.Bits() == best.Prefix.Bits() && r.Static && !best.Static {
				best, found = r, true
				best.Prefix = q
			}
		}
	}
	return best, found
}

func (c *Config) unreadLists(t *routeTable) bool { return c.unreadList(t) != "" }

// unreadList is a prefix list of a table's routes whose entries aren't known; "" if there is
// none.
func (c *Config) unreadList(t *routeTable) string {
	for _, r := range t.Routes {
		if r.List == "" || strings.HasPrefix(r.Target, "vpce-") {
			continue
		}
		if x := c.entries.byID[r.List]; x == nil || x.Partial {
			return r.List
		}
	}
	return ""
}
