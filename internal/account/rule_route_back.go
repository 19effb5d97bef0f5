package account

import (
	"cmp"
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
	if l := c.unreadList(t); l != "" {
		return unknown(check, t.ID, c.need(setEntries, c.regionOf(p), "--prefix-list-id "+l),
			"it has a route for a prefix list whose entries aren't in these files")
	}
	ways := c.ways(t, from)
	if len(ways) == 0 {
		d := denies(check, t.ID, t.place, "has no route to %s", p.client())
		d.facts = fact{vpc: t.VPC}
		return d
	}
	first := c.byRoute(t, ways[0], p, n)
	for _, r := range ways[1:] {
		if x := c.byRoute(t, r, p, n); x.verdict != first.verdict {
			return unknown(check, t.ID, nil, "which of its routes to %s decides isn't certain: %s over %s is %s, and %s over %s isn't",
				p.client(), ways[0].Prefix, target(ways[0]), stateOf(ways[0]), r.Prefix, target(r))
		}
	}
	return first
}

// byRoute decides by one route.
func (c *Config) byRoute(t *routeTable, r route, p packet, n *networkInterface) result {
	const check = flow.CheckRouteBack
	from := p.From.Addr()
	no := func(format string, args ...any) result {
		d := denies(check, t.ID, t.place, format, args...)
		d.facts = fact{vpc: t.VPC, target: r.Target}
		return d
	}
	kind, _, _ := strings.Cut(r.Target, "-")
	switch {
	case r.Blackhole:
		return no("its route to %s, %s over %s, is a blackhole", p.client(), r.Prefix, target(r))
	case r.Doubtful || r.Target == "":
		return unknown(check, t.ID, nil, "the target or the state of its route %s isn't known", r.Prefix)
	case (kind == "igw" || kind == "eigw" || kind == "nat") && !private(from):
		if kind != "igw" || from.Is4() {
			return unknown(check, t.ID, nil, "its route to %s goes to %s, which an interface uses only with a public address", p.client(), r.Target)
		}
	case kind == "igw" || kind == "eigw" || kind == "nat":
		return no("its route to %s is %s over %s, which carries nothing to a private address", p.client(), r.Prefix, r.Target)
	case r.Target == "local":
		v := c.vpcs.byID[n.VPC]
		if v != nil && len(v.Prefixes) > 0 && !contains(v.Prefixes, from) {
			return unknown(check, t.ID, nil, "its route to %s is local, though the VPC doesn't have the address", p.client())
		}
	}
	return admits(check, t.ID, t.place, "its route to %s is %s over %s", p.client(), r.Prefix, target(r))
}

func stateOf(r route) string {
	switch {
	case r.Blackhole:
		return "a blackhole"
	case r.Doubtful:
		return "in doubt"
	}
	return "a way"
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
	case len(own) == 0 && !c.has(setTables, "vpc-id", n.VPC):
		return found[0], "whether a table other than the VPC's main one is associated with " + n.Subnet + " isn't in these files", false
	}
	return found[0], "", true
}

// routeTo is the route of a table that decides about an address, or the first of those that may.
func (c *Config) routeTo(t *routeTable, a netip.Addr) (best route, found bool) {
	if ways := c.ways(t, a); len(ways) > 0 {
		return ways[0], true
	}
	return route{}, false
}

// ways are the routes of a table that may decide about an address, the likeliest first: the
// most specific one; of equal ones a static route, then one by a prefix list, then a propagated
// one. The VPC's local routes have precedence over propagated ones, whatever these are. AWS
// doesn't say whether a blackhole hides a less specific route, so what comes after it is one of
// them, too. AWS: docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html
func (c *Config) ways(t *routeTable, a netip.Addr) []route {
	type candidate struct {
		route
		rank int
	}
	var all []candidate
	local := false
	for _, r := range t.Routes {
		prefixes, rank := []netip.Prefix{r.Prefix}, 0
		switch {
		case r.List != "" && c.toGatewayEndpoint(r) && private(a):
			continue // its list has AWS's public addresses
		case r.List != "":
			prefixes, rank = nil, 1
			if x := c.entries.byID[r.List]; x != nil {
				prefixes = x.Prefixes
			}
		case !r.Static:
			rank = 2
		}
		for _, q := range prefixes {
			if q.IsValid() && q.Contains(a) {
				local = local || r.Target == "local"
				r.Prefix = q
				all = append(all, candidate{r, rank})
			}
		}
	}
	if local {
		all = slices.DeleteFunc(all, func(x candidate) bool { return x.rank == 2 })
	}
	slices.SortStableFunc(all, func(x, y candidate) int {
		return cmp.Or(cmp.Compare(y.Prefix.Bits(), x.Prefix.Bits()), cmp.Compare(x.rank, y.rank))
	})
	var out []route
	for i, x := range all {
		if i > 0 {
			last := all[i-1]
			if (x.Prefix.Bits() != last.Prefix.Bits() || x.rank != last.rank) && !last.Blackhole && !last.Doubtful {
				break
			}
		}
		out = append(out, x.route)
	}
	return out
}

// toGatewayEndpoint reports whether a route by a prefix list leads to a gateway endpoint, as of
// Amazon S3. Gateway Load Balancer endpoints, which have IDs of the same form, carry private
// addresses, too. The lists of AWS have short IDs.
func (c *Config) toGatewayEndpoint(r route) bool {
	if !strings.HasPrefix(r.Target, "vpce-") {
		return false
	}
	if e := c.endpoints.byID[r.Target]; e != nil && e.Kind != "" {
		return strings.EqualFold(e.Kind, "gateway")
	}
	if l := c.lists.byID[r.List]; l != nil && l.Name != "" {
		return l.Owner == "AWS" || strings.HasPrefix(l.Name, "com.amazonaws.")
	}
	return len(r.List) == len("pl-6da54004")
}

// unreadList is a prefix list of a table's routes whose entries aren't known; "" if there is
// none.
func (c *Config) unreadList(t *routeTable) string {
	for _, r := range t.Routes {
		if r.List == "" || c.toGatewayEndpoint(r) {
			continue
		}
		if x := c.entries.byID[r.List]; x == nil || x.Partial {
			return r.List
		}
	}
	return ""
}
