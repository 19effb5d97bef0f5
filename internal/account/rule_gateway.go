package account

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"detour/internal/flow"
)

// gateway decides by what the route back goes to: whether it is attached, and whether what is
// behind it is up.
func (c *Config) gateway(p packet, n *networkInterface) result {
	const check = flow.CheckGateway
	t, _, sure := c.tableOf(n)
	if t == nil || !sure || !p.From.Addr().IsValid() {
		return unknown(check, "", nil, "the route to the client isn't known, so neither is what carries it")
	}
	ways := c.ways(t, p.From.Addr())
	if len(ways) == 0 || ways[0].Blackhole {
		return unknown(check, "", nil, "there is no route to the client")
	}
	if len(ways) > 1 || c.unreadList(t) != "" {
		return unknown(check, "", nil, "which route leads to the client isn't certain, so neither is what carries it")
	}
	r := ways[0]
	switch kind, _, _ := strings.Cut(r.Target, "-"); {
	case r.Target == "local":
		return admits(check, "local", t.place, "the client is in the VPC")
	case kind == "vgw":
		return c.virtualGateway(p, n, r)
	case kind == "tgw":
		return c.transitGateway(p, n, r.Target)
	case kind == "igw" || kind == "nat" || kind == "eigw":
		return unknown(check, r.Target, nil, "no way to a private address")
	default:
		return admits(check, r.Target, t.place, "carries the route; what is behind it isn't in these files")
	}
}

// virtualGateway decides about a virtual private gateway: attached, with a VPN connection or
// a virtual interface of Direct Connect that is up.
func (c *Config) virtualGateway(p packet, n *networkInterface, r route) result {
	const check = flow.CheckGateway
	region := c.regionOf(p)
	g := c.vgws.byID[r.Target]
	switch {
	case g == nil || c.vgws.conflicts[r.Target]:
		return unknown(check, r.Target, c.need(setVGWs, region, "--vpn-gateway-ids "+r.Target), "its state isn't in these files")
	case g.State == "deleting" || g.State == "deleted":
		return denies(check, g.ID, g.place, "its state is %s", g.State)
	case g.State != "" && g.State != "available":
		return unknown(check, g.ID, nil, "its state is %q", short(g.State))
	case g.Attached == nil:
		return unknown(check, g.ID, c.need(setVGWs, region, "--vpn-gateway-ids "+r.Target), "its attachments aren't in these files")
	case g.Attached[n.VPC] == "", g.Attached[n.VPC] == "detached":
		return denies(check, g.ID, g.place, "isn't attached to %s", n.VPC)
	case g.Attached[n.VPC] != "attached":
		return unknown(check, g.ID, nil, "its attachment to %s is %q", n.VPC, short(g.Attached[n.VPC]))
	}
	return c.behind(p, n, g, r)
}

// behind decides by what is behind a virtual private gateway that is attached.
func (c *Config) behind(p packet, n *networkInterface, g *vpnGateway, r route) result {
	const check = flow.CheckGateway
	region := c.regionOf(p)
	vpns := c.vpnsOf(func(v *vpnConnection) bool { return v.Gateway == g.ID })
	if up, id := anyUp(vpns); up {
		return admits(check, g.ID, g.place, "attached to %s, and %s has a tunnel that is up", n.VPC, id)
	}
	var down []*virtualInterface
	other := "" // a way of Direct Connect that may lead to the gateway
	for _, v := range c.vifs.all {
		switch {
		case v.Gateway == g.ID && v.down() && !c.vifs.conflicts[v.ID]:
			down = append(down, v)
		case v.Gateway == g.ID || v.DirectGateway != "" && (!v.down() || c.vifs.conflicts[v.ID]):
			return admits(check, g.ID, v.place, "attached to %s, and the virtual interface %s may carry the route", n.VPC, v.ID)
		case v.DirectGateway != "":
			other = v.DirectGateway
		}
	}
	for _, a := range c.tgwLinks.all {
		if a.Kind == "direct-connect-gateway" && other == "" {
			other = cmp.Or(a.Resource, a.ID)
		}
	}
	// Either may be there beside the other, if its file isn't whole.
	noVIFs := c.sets[setVIFs] != nil && !c.complete(setVIFs)
	switch {
	case len(vpns) == 0 && len(down) == 0:
		return admits(check, g.ID, g.place, "attached to %s", n.VPC)
	case !c.complete(setVPNs) || slices.ContainsFunc(vpns, func(v *vpnConnection) bool { return c.vpns.conflicts[v.ID] }):
		return unknown(check, g.ID, c.need(setVPNs, region, ""), "whether a VPN connection of it is up isn't in these files")
	case noVIFs:
		return unknown(check, g.ID, c.need(setVIFs, region, ""),
			"its VPN is down; whether Direct Connect carries the route isn't in these files")
	case other != "":
		return unknown(check, g.ID, nil,
			"what is behind it is down; whether the Direct Connect gateway %s is associated with it isn't in these files", short(other))
	case !r.Static:
		return unknown(check, g.ID, nil,
			"what is behind it is down, and yet the route that it propagates is there: the files are of different times")
	case slices.ContainsFunc(vpns, func(v *vpnConnection) bool { return !slices.Contains(connectionStates, v.State) }):
		return unknown(check, g.ID, nil, "its VPN is down, in a state that isn't known")
	}
	var out result
	if len(vpns) == 0 {
		v := down[0]
		out = denies(check, v.ID, v.place, "the only way behind %s: the virtual interface is %s, with BGP %s", g.ID,
			short(v.State), map[bool]string{true: "up", false: "down"}[v.BGPUp])
	} else {
		out = denies(check, vpns[0].ID, vpns[0].place, "the only way behind %s: %s", g.ID, downs(vpns))
	}
	out.caveat = "Direct Connect of another account, which may be behind " + g.ID + ", too, isn't in these files"
	if c.sets[setVIFs] == nil {
		out.caveat = "Direct Connect, which may be behind " + g.ID + ", too, isn't in these files"
	}
	return out
}

// connectionStates are the states of a VPN connection that isn't deleted. API reference, VpnConnection,
// docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpnConnection.html
var connectionStates = []string{"pending", "available", "deleting"}

// down reports whether a virtual interface of Direct Connect surely carries nothing. API
// reference, VirtualInterface, docs.aws.amazon.com/directconnect/latest/APIReference/API_VirtualInterface.html
func (v *virtualInterface) down() bool {
	switch v.State {
	case "down", "deleted", "rejected":
		return true
	case "confirming", "verifying", "pending", "available", "testing", "deleting":
		return v.BGPKnown && !v.BGPUp
	}
	return false
}

func (c *Config) vpnsOf(of func(*vpnConnection) bool) (out []*vpnConnection) {
	for _, v := range c.vpns.all {
		if of(v) && v.State != "deleted" {
			out = append(out, v)
		}
	}
	return out
}

// anyUp reports whether a tunnel of the connections is up, or may be.
func anyUp(all []*vpnConnection) (up bool, id string) {
	for _, v := range all {
		if len(v.Tunnels) == 0 || slices.ContainsFunc(v.Tunnels, func(t tunnel) bool { return t.Up }) {
			return true, v.ID
		}
	}
	return false, ""
}

// downs says that all tunnels of the connections are down.
func downs(all []*vpnConnection) string {
	var out []string
	for _, v := range all {
		said := ""
		if v.Tunnels[0].Message != "" {
			said = " (" + v.Tunnels[0].Message + ")"
		}
		out = append(out, fmt.Sprintf("%d of %d tunnels of %s are down%s", len(v.Tunnels), len(v.Tunnels), v.ID, said))
	}
	return strings.Join(out, "; ")
}

// deadAttachments are the states of a transit gateway's attachment in which it carries nothing.
// API reference, TransitGatewayVpcAttachment,
// docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TransitGatewayVpcAttachment.html
var deadAttachments = []string{"pendingAcceptance", "rejecting", "rejected", "deleted", "failing", "failed"}

// transitGateway decides by the route table with which the VPC's attachment is associated, and
// the attachment that its route to the client names.
func (c *Config) transitGateway(p packet, n *networkInterface, id string) result {
	const check = flow.CheckGateway
	region := c.regionOf(p)
	needLinks := c.need(setTGWLinks, region, "--filters Name=transit-gateway-id,Values="+id)
	var own []*transitAttachment
	for _, a := range c.tgwLinks.all {
		if a.Transit == id && a.Resource == n.VPC {
			own = append(own, a)
		}
	}
	if len(own) > 1 { // deleted ones are listed for a while
		own = slices.DeleteFunc(own, func(a *transitAttachment) bool { return a.State == "deleted" || a.State == "rejected" })
	}
	switch {
	case len(own) != 1 || c.tgwLinks.conflicts[own[0].ID]:
		return unknown(check, id, needLinks, "its attachment to %s isn't in these files", n.VPC)
	case slices.Contains(deadAttachments, own[0].State) && c.has(setTGWLinks, "transit-gateway-id", id):
		return denies(check, own[0].ID, own[0].place, "the attachment of %s to %s is %s", n.VPC, id, own[0].State)
	case own[0].State != "" && own[0].State != "available" && own[0].State != "modifying":
		return unknown(check, own[0].ID, needLinks, "the state of the attachment of %s to %s is %q", n.VPC, id, short(own[0].State))
	case own[0].Table == "":
		return unknown(check, own[0].ID, needLinks, "the route table of the attachment isn't in these files")
	}
	table := own[0].Table
	x := c.tgwRoutes.byID[table]
	needRoutes := c.need(setTGWRoutes, region, "--transit-gateway-route-table-id "+table+" --filters Name=state,Values=active,blackhole")
	if x == nil || x.Partial {
		return unknown(check, table, needRoutes, "the routes of %s, the table for %s, aren't all in these files", table, n.VPC)
	}
	i := longest(x.Routes, p.From.Addr(), func(r transitRoute) netip.Prefix { return r.Prefix })
	if i < 0 {
		return denies(check, table, x.place, "the transit gateway's table has no route to %s", p.client())
	}
	r := x.Routes[i]
	if slices.ContainsFunc(x.Routes, func(y transitRoute) bool { return y.Prefix == r.Prefix && y.Blackhole != r.Blackhole }) {
		return unknown(check, table, nil, "the transit gateway's table has several routes for %s", r.Prefix)
	}
	switch {
	case r.Doubtful:
		return unknown(check, table, nil, "the state of the transit gateway's route %s isn't known", r.Prefix)
	case r.Blackhole:
		return denies(check, table, x.place, "the transit gateway's route to %s, %s, is a blackhole", p.client(), r.Prefix)
	}
	vpns := c.vpnsOf(func(v *vpnConnection) bool { return slices.Contains(r.Resources, v.ID) })
	if len(vpns) > 0 && len(vpns) == len(r.Resources) {
		doubtful := slices.ContainsFunc(vpns, func(v *vpnConnection) bool {
			return c.vpns.conflicts[v.ID] || !slices.Contains(connectionStates, v.State)
		})
		switch up, _ := anyUp(vpns); {
		case up, doubtful:
		case !r.Static:
			return unknown(check, table, nil,
				"the VPN behind it is down, and yet the route that it propagates is there: the files are of different times")
		default:
			return denies(check, vpns[0].ID, vpns[0].place, "the only way behind %s: %s", table, downs(vpns))
		}
	}
	return admits(check, table, x.place,
		"the transit gateway's route to %s is %s over %s", p.client(), r.Prefix, strings.Join(r.Attachments, ", "))
}
