package account

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"detour/internal/account/awscli"
	"detour/internal/flow"
)

// A packet is the first one of a connect, or a DNS query, and implies its answer.
type packet struct {
	Host     string         // that was asked for, in lower case
	Service  string         // its endpoint service; "" if unknown
	To       netip.AddrPort // an address of an interface
	From     netip.AddrPort // the client's end; invalid if unknown, port 0 if only that is
	Protocol string         // "tcp" or "udp"
	Clients  netip.Prefix   // the range that From stands for; invalid: it is one client's

	Nameserver netip.Addr // that resolved the host; invalid if unknown
}

// client is who sends the packet, in a sentence.
func (p packet) client() string {
	if p.Clients.IsValid() {
		return p.Clients.String()
	}
	return p.From.Addr().String()
}

// clients are the addresses that the packet stands for; invalid if From isn't known.
func (p packet) clients() netip.Prefix {
	if p.Clients.IsValid() || !p.From.IsValid() {
		return p.Clients
	}
	return host(p.From.Addr())
}

// numbers of the protocols, as network ACLs write them. IANA, Assigned Internet Protocol Numbers.
var protocolNumbers = map[string]string{"tcp": "6", "udp": "17"}

// A result is what one rule says of a packet.
type result struct {
	check   flow.CheckName
	verdict flow.CheckVerdict
	object  string
	says    string
	at      place
	more    []result // other objects that deny by the same check
	needs   []string // commands whose outputs would decide
	caveat  string   // of a denial: what these files can't show of it
	facts   fact     // of a cause: what the fix needs
}

// A fact is what a fix must know of the object that denies.
type fact struct {
	number int    // of the entry of a network ACL that denies; 0 if none matches
	target string // of the route that is no way back
	vpc    string
	group  string // of the resolver endpoint that denies
}

func admits(c flow.CheckName, object string, at place, format string, args ...any) result {
	return result{check: c, verdict: flow.CheckAdmits, object: object, at: at, says: fmt.Sprintf(format, args...)}
}

func denies(c flow.CheckName, object string, at place, format string, args ...any) result {
	return result{check: c, verdict: flow.CheckDenies, object: object, at: at, says: fmt.Sprintf(format, args...)}
}

// unknown is a result for which something is missing; needs are the commands for it.
func unknown(c flow.CheckName, object string, needs []string, format string, args ...any) result {
	return result{check: c, verdict: flow.CheckUnknown, object: object, needs: needs, says: fmt.Sprintf(format, args...)}
}

// need is a command whose output is missing.
func (c *Config) need(s set, region, args string) []string {
	cmd := "aws " + s.command()
	if region != "" {
		cmd += " --region " + region
	}
	if args != "" {
		cmd += " " + args
	}
	return []string{cmd}
}

// A track is the results of a packet, in the order in which causes are named.
type track struct {
	packet
	eni      *networkInterface
	endpoint *endpoint
	results  []result
}

// first returns the first result with a verdict, and false if there is none.
func (t *track) first(v flow.CheckVerdict) (result, bool) {
	i := slices.IndexFunc(t.results, func(r result) bool { return r.verdict == v })
	if i < 0 {
		return result{}, false
	}
	return t.results[i], true
}

func (t *track) denied() bool {
	_, found := t.first(flow.CheckDenies)
	return found
}

// follow evaluates a packet to an interface endpoint. Without an interface for the address,
// the only result is that of the endpoint.
func (c *Config) follow(p packet) *track {
	if p.Host == resolverHost {
		return c.resolver(p)
	}
	t := &track{packet: p}
	var r result
	t.eni, t.endpoint, r = c.endpointOf(p)
	t.results = append(t.results, r)
	if t.eni == nil {
		if len(c.byAddress[p.To.Addr()]) == 0 {
			t.results = append(t.results, c.record(p)...)
		}
		t.results = append(t.results, c.answeredBy(p, nil)...)
		return t
	}
	t.results = append(t.results, c.privateDNS(p, t.endpoint))
	t.results = append(t.results, c.answeredBy(p, t.endpoint)...)
	t.results = append(t.results, c.path(p, t.eni)...)
	return t
}

// byAddressAlone evaluates a packet to the interfaces that have the address, whatever the host is
// called: what responded refutes files that deny all of them. It decides about no packet that
// wasn't answered.
func (c *Config) byAddressAlone(p packet) (out *track) {
	out = &track{packet: p}
	for _, n := range c.byAddress[p.To.Addr()] {
		t := &track{packet: p, eni: n, endpoint: c.byENI[n.ID], results: c.path(p, n)}
		switch {
		case c.interfaces.conflicts[n.ID], !t.denied():
			return &track{packet: p}
		case t.endpoint == nil && c.routeBack(p, n).verdict == flow.CheckDenies:
			return &track{packet: p} // it is another network's address, too
		case out.eni == nil:
			out = t
		}
	}
	return out
}

// path evaluates what is between a client and an interface, in the order in which causes are
// named.
func (c *Config) path(p packet, n *networkInterface) []result {
	sources := c.sources(p, n)
	return []result{
		c.forEach(sources, p, func(p packet) result { return c.securityGroups(p, n) }),
		c.forEach(sources, p, func(p packet) result { return c.networkACL(p, n, false) }),
		c.forEach(sources, p, func(p packet) result { return c.networkACL(p, n, true) }),
		c.forEach(sources, p, func(p packet) result { return c.routeBack(p, n) }),
		c.forEach(sources, p, func(p packet) result { return c.gateway(p, n) }),
	}
}

// forEach evaluates a rule for each source address that the packet may have. If they differ,
// the result is unknown.
func (c *Config) forEach(sources []netip.Addr, p packet, rule func(packet) result) (out result) {
	for i, s := range sources {
		q := p
		q.From = netip.AddrPortFrom(s, p.From.Port())
		if s != p.From.Addr() {
			q.Clients = netip.Prefix{}
		}
		r := rule(q)
		if i > 0 && r.verdict != out.verdict {
			return unknown(r.check, r.object, nil,
				"AWS Client VPN may translate the client's address to one of its own interfaces', and the rule treats these differently")
		}
		out = r
	}
	return out
}

// sources are the addresses that a packet may come from: the client's own, or, if AWS Client
// VPN assigned it, those of the VPN's interfaces in the VPC. Its port stays. AWS: "Client VPN
// … source network address translation (SNAT)",
// docs.aws.amazon.com/vpn/latest/clientvpn-admin/how-it-works.html
func (c *Config) sources(p packet, n *networkInterface) []netip.Addr {
	from := p.From.Addr()
	if from.IsValid() && c.translated(from, n) {
		return []netip.Addr{{}}
	}
	if !from.IsValid() {
		return []netip.Addr{from}
	}
	var out []netip.Addr
	if !slices.ContainsFunc(c.clientVPNs.all, func(v *clientVPN) bool { return v.Range.Contains(from) }) {
		switch {
		case slices.ContainsFunc(c.clientVPNs.all, func(v *clientVPN) bool {
			return !v.Range.IsValid() || c.clientVPNs.conflicts[v.ID]
		}):
			return []netip.Addr{{}, from} // which addresses the VPN assigns isn't known
		case len(c.clientVPNs.all) == 0 || !c.complete(setClientVPNs):
			out = []netip.Addr{from} // or the VPN's, if an interface shows that there is one
		default:
			return []netip.Addr{from}
		}
	} else if !c.has(setInterfaces, "description", awscli.ClientVPNFilter) || len(c.interfaces.conflicts) > 0 {
		return []netip.Addr{{}} // it may have other interfaces
	}
	for _, x := range c.vpnENIs {
		if x.VPC != n.VPC {
			continue
		}
		for _, a := range x.Addresses {
			if a.Is4() == p.To.Addr().Is4() {
				out = append(out, a)
			}
		}
	}
	if len(out) == 0 {
		return []netip.Addr{{}} // translated to an address that isn't known
	}
	return out
}

// inVPC reports whether an address is one of a VPC's, and whether the files have the VPC's
// blocks of its family.
func (c *Config) inVPC(a netip.Addr, id string) (inside, known bool) {
	v := c.vpcs.byID[id]
	if v == nil || c.vpcs.conflicts[id] || len(v.Prefixes) == 0 || a.Is4() && !v.Whole4 || a.Is6() && !v.Whole6 {
		return false, false
	}
	return contains(v.Prefixes, a), true
}

// clientVPNDescription is how the description of an interface of AWS Client VPN begins. AWS:
// docs.aws.amazon.com/vpn/latest/clientvpn-admin/how-it-works.html
const clientVPNDescription = "ClientVPN Endpoint"

// clientVPNInterface reports whether an interface is AWS Client VPN's, by the description that
// AWS gives it.
func clientVPNInterface(n *networkInterface) bool {
	return strings.HasPrefix(n.Description, clientVPNDescription)
}

// translated reports whether an address can't be the one that the VPC sees. It is loopback or
// link-local, of the range that programs on the machine assign (RFC 2544), or of the one that
// zero-trust and mesh VPN clients assign (RFC 6598), unless the VPC's routes know it, or of the
// one that IPv4 over IPv6 uses on the machine (RFC 7335).
func (c *Config) translated(a netip.Addr, n *networkInterface) bool {
	if continuity.Contains(a) {
		return true
	}
	switch flow.ScopeOf(a) { //nolint:exhaustive // the others are a machine's own
	case flow.ScopeLoopback, flow.ScopeLinkLocal, flow.ScopeUnspecified, flow.ScopeBenchmark:
		return true
	case flow.ScopeCGNAT:
		t, _, sure := c.tableOf(n)
		if t == nil || !sure {
			return true
		}
		r, found := c.routeTo(t, a)
		return !found || r.Prefix.Bits() < 10
	}
	return false
}

var continuity = netip.PrefixFrom(netip.AddrFrom4([4]byte{192, 0, 0, 0}), 24)
