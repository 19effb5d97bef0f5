package account

import (
	"fmt"
	"math/rand/v2"
	"net/netip"

	"detour/internal/flow"
)

// An oracle is a network whose packets are simulated from AWS's documentation, without the
// package's rules. Its files are what Prove reads; it knows what they don't hold.
type oracle struct {
	r       *rand.Rand
	six     bool
	vpcs    []*oVPC
	enis    []*oENI
	ends    []*oEndpoint
	dns     []*oENI // of an inbound endpoint of the resolver, in the first VPC
	groups  map[string]*oGroup
	lists   map[string][]netip.Prefix
	vpn     bool // whether the only VPN behind each virtual private gateway is up
	hides   bool // whether a blackhole hides a less specific route: AWS doesn't say
	client  netip.Addr
	sees    netip.Addr // the address that the VPC sees
	home    *oENI      // the client's own interface, if it is in a VPC
	cvpn    bool
	peering bool // whether the VPCs are peered
}

type oVPC struct {
	id      string
	blocks  []netip.Prefix
	subnets []*oSubnet
	tables  []*oTable // the first one is the main one
	acls    []*oACL
	vgw     bool // attached
}

type oSubnet struct {
	id    string
	block netip.Prefix
	acl   *oACL
	table *oTable // nil: the main one
}

type oTable struct {
	id     string
	routes []oRoute
}

type oRoute struct {
	to         netip.Prefix
	list       string
	target     string
	blackhole  bool
	propagated bool
}

type oACL struct {
	id      string
	in, out []oEntry // sorted by number; the last one denies all
}

type oEntry struct {
	number   int
	protocol string
	lo, hi   int
	from     netip.Prefix
	allow    bool
}

type oGroup struct {
	id, vpc string
	rules   []oRule
}

type oRule struct {
	protocol string
	lo, hi   int
	cidr     netip.Prefix
	list     string
	group    string
}

type oENI struct {
	id     string
	vpc    *oVPC
	subnet *oSubnet
	addr   netip.Addr
	groups []string
}

type oEndpoint struct {
	id, service, state string
	vpc                *oVPC
	enis               []*oENI
}

// denials are the objects, as "check object", that stop a connect from the client's port to an
// interface's port; none if it is answered.
func (o *oracle) denials(e *oEndpoint, n *oENI, from, to int) map[string]bool {
	out := make(map[string]bool)
	no := func(c flow.CheckName, object string) { out[string(c)+" "+object] = true }
	if e.state != "available" && e.state != "Available" {
		no(flow.CheckEndpoint, e.id)
	}
	if !o.grouped(n, "tcp", "6", to) {
		for _, g := range n.groups {
			no(flow.CheckSecurityGroup, g)
		}
	}
	o.onTheWay(n, "6", from, to, no)
	return out
}

// unresolved are the objects that stop a query to an inbound endpoint's interface.
func (o *oracle) unresolved(n *oENI, from int) map[string]bool {
	out := make(map[string]bool)
	if !o.grouped(n, "udp", "17", 53) {
		out["resolver rslvr-in-0a"] = true
	}
	o.onTheWay(n, "17", from, 53, func(c flow.CheckName, object string) { out[string(c)+" "+object] = true })
	return out
}

// onTheWay is what stops packets of a protocol between the client and an interface, but for its groups.
func (o *oracle) onTheWay(n *oENI, protocol string, from, to int, no func(c flow.CheckName, object string)) {
	if !n.subnet.block.Contains(o.sees) {
		if !allowed(n.subnet.acl.in, o.sees, protocol, to) {
			no(flow.CheckNACLIn, n.subnet.acl.id)
		}
		if !allowed(n.subnet.acl.out, o.sees, protocol, from) {
			no(flow.CheckNACLOut, n.subnet.acl.id)
		}
	}
	table := n.subnet.table
	if table == nil {
		table = n.vpc.tables[0]
	}
	r := o.route(table)
	switch {
	case r == nil, r.blackhole, r.target == "igw", r.target == "nat":
		no(flow.CheckRouteBack, table.id)
	case r.target == "vgw" && !n.vpc.vgw:
		no(flow.CheckGateway, "vgw-"+n.vpc.id)
	case r.target == "vgw" && !o.vpn && !r.propagated:
		no(flow.CheckGateway, "vpn-"+n.vpc.id)
	}
}

// grouped: one rule of one group suffices.
func (o *oracle) grouped(n *oENI, name, number string, port int) bool {
	for _, id := range n.groups {
		for _, r := range o.groups[id].rules {
			if r.protocol != "-1" && (r.protocol != name && r.protocol != number || port < r.lo || r.hi < port) {
				continue
			}
			if r.cidr.IsValid() && r.cidr.Contains(o.sees) {
				return true
			}
			for _, p := range o.lists[r.list] {
				if p.Contains(o.sees) {
					return true
				}
			}
			if o.home == nil || r.group == "" {
				continue
			}
			for _, g := range o.home.groups {
				if g == r.group {
					return true
				}
			}
		}
	}
	return false
}

// allowed: the first rule that matches decides.
func allowed(entries []oEntry, peer netip.Addr, protocol string, port int) bool {
	for _, e := range entries {
		if e.from.Contains(peer) && (e.protocol == "-1" || e.protocol == protocol && e.lo <= port && port <= e.hi) {
			return e.allow
		}
	}
	return false
}

// route: the most specific one; then static, prefix list, propagated. A propagated one never
// has precedence over a local one.
func (o *oracle) route(t *oTable) *oRoute {
	var best *oRoute
	bits, rank := -1, 9
	local := false
	for _, r := range t.routes {
		local = local || r.target == "local" && r.to.Contains(o.sees)
	}
	for i := range t.routes {
		r := &t.routes[i]
		prefixes, k := []netip.Prefix{r.to}, 0
		if r.list != "" {
			prefixes, k = o.lists[r.list], 1
		} else if r.propagated {
			k = 2
		}
		if r.propagated && local || r.blackhole && !o.hides {
			continue
		}
		for _, p := range prefixes {
			if p.Contains(o.sees) && (p.Bits() > bits || p.Bits() == bits && k < rank) {
				best, bits, rank = r, p.Bits(), k
			}
		}
	}
	return best
}

// pick is one of some values.
func pick[T any](r *rand.Rand, all ...T) T { return all[r.IntN(len(all))] }

func (o *oracle) prefix(v4, v6 string) netip.Prefix {
	if o.six {
		return netip.MustParsePrefix(v6)
	}
	return netip.MustParsePrefix(v4)
}

func (o *oracle) addr(v4, v6 string) netip.Addr {
	if o.six {
		return netip.MustParseAddr(v6)
	}
	return netip.MustParseAddr(v4)
}

// source is a prefix that has something to do with the clients.
func (o *oracle) source() netip.Prefix {
	return pick(
		o.r,
		o.prefix("0.0.0.0/0", "::/0"), o.prefix("10.64.0.0/16", "fdc4:1a2b:3c00::/56"), o.prefix("172.22.0.0/16", "fd22:40:7::/48"),
		o.prefix("172.22.40.0/24", "fd22:40:7:1::/64"), netip.PrefixFrom(o.client, o.client.BitLen()),
		netip.PrefixFrom(o.client.Next(), o.client.BitLen()), o.prefix("172.16.0.0/12", "fd00::/8"), o.prefix("10.65.0.0/16", "fdc4:1a2b:3d00::/56"),
		o.prefix("172.30.0.0/22", "fd30::/64"),
	)
}

func (o *oracle) ports() (lo, hi int) {
	p := pick(o.r, [2]int{443, 443}, [2]int{443, 443}, [2]int{53, 53}, [2]int{80, 80}, [2]int{0, 65535}, [2]int{1024, 65535}, [2]int{32768, 60999}, [2]int{400, 500})
	return p[0], p[1]
}

// newOracle is a random network.
func newOracle(seed uint64) *oracle {
	r := rand.New(rand.NewPCG(seed, 19)) //nolint:gosec // reproducible
	o := &oracle{
		r: r, six: r.IntN(3) == 0, groups: make(map[string]*oGroup), lists: make(map[string][]netip.Prefix),
		vpn: r.IntN(3) > 0, hides: r.IntN(2) == 0, peering: r.IntN(2) == 0,
	}
	o.client = pick(
		r, o.addr("172.22.40.17", "fd22:40:7:1::17"), o.addr("172.22.40.17", "fd22:40:7:1::17"), o.addr("172.22.9.5", "fd22:40:7:9::5"),
		o.addr("10.64.16.200", "fdc4:1a2b:3c00:10::200"), o.addr("10.64.17.200", "fdc4:1a2b:3c00:11::200"), o.addr("10.65.16.200", "fdc4:1a2b:3d00:10::200"),
	)
	if o.cvpn = !o.six && r.IntN(8) == 0; o.cvpn {
		o.client = netip.MustParseAddr("172.30.0.9")
	}
	o.sees = o.client
	for range 1 + r.IntN(2) {
		id := fmt.Sprintf("pl-%017x", len(o.lists)+1)
		for range 1 + r.IntN(3) {
			o.lists[id] = append(o.lists[id], o.source())
		}
	}
	for i := range 1 + r.IntN(3) {
		o.newVPC(i)
	}
	for i, v := range o.vpcs {
		for j, service := range []string{"logs", "ssm"} {
			if i > 0 && r.IntN(2) == 0 {
				continue
			}
			o.newEndpoint(v, service, 30*(j+1))
		}
	}
	if r.IntN(2) == 0 {
		groups := []string{o.group(o.vpcs[0])}
		for i, s := range o.vpcs[0].subnets {
			o.dns = append(o.dns, &oENI{id: fmt.Sprintf("eni-dns%d", i), vpc: o.vpcs[0], subnet: s, addr: last(s.block, 53), groups: groups})
		}
	}
	o.place()
	return o
}

// place puts the client into a VPC, if one has its address.
func (o *oracle) place() {
	for _, v := range o.vpcs {
		for _, s := range v.subnets {
			switch {
			case o.cvpn && v == o.vpcs[0]:
				n := &oENI{id: "eni-cvpn-" + s.id, vpc: v, subnet: s, groups: []string{o.group(v)}, addr: last(s.block, 99)}
				o.enis = append(o.enis, n)
				if o.home == nil || o.r.IntN(2) == 0 {
					o.home, o.sees = n, n.addr
				}
			case s.block.Contains(o.client) && o.home == nil:
				o.home = &oENI{id: "eni-client", vpc: v, subnet: s, addr: o.client, groups: []string{o.group(v), o.group(v)}}
				o.enis = append(o.enis, o.home)
			}
		}
	}
}

func (o *oracle) group(v *oVPC) string { return fmt.Sprintf("sg-%s%d", v.id, o.r.IntN(4)) }

// last is an address of a block by its last byte.
func last(block netip.Prefix, b int) netip.Addr {
	a := block.Addr().AsSlice()
	a[len(a)-1] = byte(b) //nolint:gosec // small
	out, _ := netip.AddrFromSlice(a)
	return out
}

func (o *oracle) newVPC(i int) {
	v := &oVPC{id: fmt.Sprintf("vpc-%d", i), vgw: o.r.IntN(6) > 0}
	second := i == 1 && o.r.IntN(3) > 0 // else it overlaps with the first one
	block, sub := o.prefix("10.64.0.0/16", "fdc4:1a2b:3c00::/56"), []netip.Prefix{
		o.prefix("10.64.16.0/24", "fdc4:1a2b:3c00:10::/64"), o.prefix("10.64.17.0/24", "fdc4:1a2b:3c00:11::/64"),
	}
	if second {
		block, sub = o.prefix("10.65.0.0/16", "fdc4:1a2b:3d00::/56"), []netip.Prefix{
			o.prefix("10.65.16.0/24", "fdc4:1a2b:3d00:10::/64"), o.prefix("10.65.17.0/24", "fdc4:1a2b:3d00:11::/64"),
		}
	}
	v.blocks = []netip.Prefix{block}
	for j := range 4 {
		g := &oGroup{id: fmt.Sprintf("sg-%s%d", v.id, j), vpc: v.id}
		for range o.r.IntN(3) {
			rule := oRule{protocol: pick(o.r, "tcp", "tcp", "tcp", "6", "udp", "-1")}
			rule.lo, rule.hi = o.ports()
			switch o.r.IntN(6) {
			case 0:
				rule.group = fmt.Sprintf("sg-vpc-%d%d", o.r.IntN(2), o.r.IntN(4))
			case 1:
				rule.list = fmt.Sprintf("pl-%017x", 1+o.r.IntN(len(o.lists)))
			default:
				rule.cidr = o.source()
			}
			g.rules = append(g.rules, rule)
		}
		o.groups[g.id] = g
	}
	for j := range 2 {
		a := &oACL{id: fmt.Sprintf("acl-%s%d", v.id, j)}
		a.in, a.out = o.entries(), o.entries()
		v.acls = append(v.acls, a)
		v.tables = append(v.tables, o.newTable(v, fmt.Sprintf("rtb-%s%d", v.id, j)))
	}
	for j, b := range sub {
		s := &oSubnet{id: fmt.Sprintf("subnet-%s%d", v.id, j), block: b, acl: pick(o.r, v.acls...)}
		if o.r.IntN(2) == 0 {
			s.table = v.tables[1]
		}
		v.subnets = append(v.subnets, s)
	}
	o.vpcs = append(o.vpcs, v)
}

func (o *oracle) entries() (out []oEntry) {
	all := o.prefix("0.0.0.0/0", "::/0")
	n := 80
	for range o.r.IntN(4) {
		n += 1 + o.r.IntN(20)
		e := oEntry{number: n, protocol: pick(o.r, "6", "6", "-1", "17"), from: o.source(), allow: o.r.IntN(3) > 0}
		e.lo, e.hi = o.ports()
		out = append(out, e)
	}
	if o.r.IntN(3) > 0 {
		out = append(out, oEntry{number: 200, protocol: "-1", from: all, allow: true})
	}
	return append(out, oEntry{number: 32767, protocol: "-1", from: all})
}

func (o *oracle) newTable(v *oVPC, id string) *oTable {
	t := &oTable{id: id, routes: []oRoute{{to: v.blocks[0], target: "local"}}}
	seen := map[string]bool{}
	for range 1 + o.r.IntN(4) {
		r := oRoute{to: o.source(), target: pick(o.r, "vgw", "vgw", "vgw", "igw", "nat", "pcx", "eni")}
		r.propagated = r.target == "vgw" && o.r.IntN(3) == 0
		r.blackhole = !r.propagated && o.r.IntN(6) == 0
		if o.r.IntN(6) == 0 {
			r.to, r.propagated, r.list = netip.Prefix{}, false, fmt.Sprintf("pl-%017x", 1+o.r.IntN(len(o.lists)))
		}
		// AWS has one static and one propagated route to a destination; two lists with one prefix are drawn by lot.
		key := fmt.Sprint(r.to, r.propagated, r.list != "")
		if seen[key] || r.to == v.blocks[0] && !r.propagated {
			continue
		}
		seen[key] = true
		t.routes = append(t.routes, r)
	}
	return t
}

func (o *oracle) newEndpoint(v *oVPC, service string, host int) {
	e := &oEndpoint{id: "vpce-" + v.id + service, service: service, vpc: v, state: "available"}
	if o.r.IntN(12) == 0 {
		e.state = pick(o.r, "rejected", "pendingAcceptance", "deleted")
	}
	groups := []string{o.group(v)}
	if g := o.group(v); o.r.IntN(2) == 0 && g != groups[0] {
		groups = append(groups, g)
	}
	for i, s := range v.subnets {
		n := &oENI{id: fmt.Sprintf("eni-%s%s%d", v.id, service, i), vpc: v, subnet: s, addr: last(s.block, host), groups: groups}
		e.enis = append(e.enis, n)
		o.enis = append(o.enis, n)
	}
	o.ends = append(o.ends, e)
}
