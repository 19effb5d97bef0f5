package account

import (
	"net/netip"
	"slices"
	"strings"

	"detour/internal/flow"
)

// A Reach says what would become of a connect to a host from a range of clients.
type Reach struct {
	Host     string
	Service  string // of the endpoint, as com.amazonaws.eu-central-1.logs
	Endpoint string
	VPC      string
	Address  netip.Addr // of the interface
	Clients  []netip.Prefix
	Proof    flow.Proof // its verdict is Proven if the connect would not be answered
}

// A Question is who would connect, and who resolves names for them.
type Question struct {
	Clients  netip.Prefix
	Resolver netip.Addr // an address of an inbound endpoint; invalid: of every VPC with private DNS
}

// Reach says, for every interface endpoint with private DNS that the resolver's clients are
// sent to, what would become of their connects. Clients of which the configuration says the
// same are together. known is false if no resolver endpoint in the files has the address.
func (c *Config) Reach(q Question) (out []Reach, known bool) {
	vpc := ""
	if q.Resolver.IsValid() {
		e := c.resolverOf(c.resolverIP.byID[q.Resolver.Unmap().String()])
		if e == nil {
			return nil, false
		}
		vpc = e.VPC
	}
	s := c.Study(nil, c.Collected, Client{})
	for _, e := range c.endpoints.all {
		if !e.PrivateDNS || vpc != "" && e.VPC != vpc || !strings.EqualFold(e.Kind, "interface") {
			continue
		}
		host := privateName(e)
		for _, id := range e.Interfaces {
			n := c.interfaces.byID[id]
			if n == nil {
				continue
			}
			for _, a := range n.Addresses {
				if a.Is4() == q.Clients.Addr().Is4() {
					out = append(out, s.reach(e, host, a, c.parts(q.Clients))...)
				}
			}
		}
	}
	return out, true
}

// privateName is the name that private DNS gives an endpoint: the one that isn't its own.
func privateName(e *endpoint) string {
	for _, name := range e.Names {
		if !strings.Contains(name, ".vpce.") {
			return strings.Replace(name, "*", "any", 1)
		}
	}
	return ""
}

// reach evaluates the connects of each part, and joins those that end alike.
func (s *Study) reach(e *endpoint, host string, to netip.Addr, parts []netip.Prefix) (out []Reach) {
	for _, clients := range parts {
		p := packet{
			Host: host, Service: e.Service, Protocol: "tcp",
			To: netip.AddrPortFrom(to, 443), From: netip.AddrPortFrom(clients.Addr(), 0),
		}
		a := s.address(p.To, []packet{p})
		r := Reach{Host: host, Service: e.Service, Endpoint: e.ID, VPC: e.VPC, Address: to, Clients: []netip.Prefix{clients}}
		if a.verdict == flow.Proven {
			r.Proof = s.proof([]*address{a})
		} else {
			r.Proof = s.unproven([]*address{a})
		}
		i := slices.IndexFunc(out, func(x Reach) bool { return alike(x.Proof, r.Proof) })
		if i < 0 {
			out = append(out, r)
			continue
		}
		out[i].Clients = append(out[i].Clients, clients)
	}
	return out
}

func alike(a, b flow.Proof) bool {
	if a.Verdict != b.Verdict || (a.Cause == nil) != (b.Cause == nil) {
		return false
	}
	return a.Cause == nil || a.Cause.Check == b.Cause.Check && a.Cause.Object == b.Cause.Object
}

// maxParts limits how finely a range of clients is divided.
const maxParts = 512

// parts divides a range of clients where a prefix of the configuration begins or ends, so that
// every rule treats the addresses of a part alike.
func (c *Config) parts(clients netip.Prefix) []netip.Prefix {
	clients = clients.Masked()
	out := []netip.Prefix{clients}
	for _, q := range c.everyPrefix() {
		if q.Bits() <= clients.Bits() || !clients.Contains(q.Addr()) {
			continue
		}
		var next []netip.Prefix
		for _, p := range out {
			next = append(next, divide(p, q)...)
		}
		if out = next; len(out) >= maxParts {
			break
		}
	}
	return out
}

// divide returns q, if it is inside of p, and the prefixes that make up the rest of p.
func divide(p, q netip.Prefix) []netip.Prefix {
	if !p.Contains(q.Addr()) || q.Bits() <= p.Bits() {
		return []netip.Prefix{p}
	}
	low, high := halves(p)
	if low.Contains(q.Addr()) {
		return append(divide(low, q), high)
	}
	return append([]netip.Prefix{low}, divide(high, q)...)
}

func halves(p netip.Prefix) (low, high netip.Prefix) {
	bits := p.Bits() + 1
	low = netip.PrefixFrom(p.Addr(), bits)
	b := p.Addr().AsSlice()
	b[(bits-1)/8] |= 0x80 >> ((bits - 1) % 8)
	a, _ := netip.AddrFromSlice(b)
	return low, netip.PrefixFrom(a, bits)
}

// everyPrefix is every prefix that a rule may compare a client with, each once, sorted.
func (c *Config) everyPrefix() (out []netip.Prefix) {
	for _, g := range c.groups.all {
		for _, r := range g.In {
			out = append(out, r.Sources...)
		}
	}
	for _, a := range c.acls.all {
		for _, e := range slices.Concat(a.In, a.Out) {
			out = append(out, e.Prefix)
		}
	}
	for _, t := range c.tables.all {
		for _, r := range t.Routes {
			out = append(out, r.Prefix)
		}
	}
	for _, t := range c.tgwRoutes.all {
		for _, r := range t.Routes {
			out = append(out, r.Prefix)
		}
	}
	for _, e := range c.entries.all {
		out = append(out, e.Prefixes...)
	}
	for _, s := range c.subnets.all {
		out = append(out, s.Prefixes...)
	}
	for _, v := range c.clientVPNs.all {
		out = append(out, v.Range)
	}
	out = slices.DeleteFunc(out, func(p netip.Prefix) bool { return !p.IsValid() })
	slices.SortFunc(out, func(a, b netip.Prefix) int { return strings.Compare(a.String(), b.String()) })
	return slices.Compact(out)
}
