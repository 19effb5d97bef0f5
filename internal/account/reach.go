package account

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"detour/internal/account/ranges"
	"detour/internal/diagnose/screen"
	"detour/internal/flow"
)

// A Reach says what would become of a connect to a host, or of a DNS query, from a range of clients.
type Reach struct {
	Host     string
	Service  string // of the endpoint, as com.amazonaws.eu-central-1.logs
	Query    string // "udp" or "tcp": it is a DNS query, to a resolver endpoint; "": a connect
	Endpoint string
	VPC      string
	Address  netip.Addr // of the interface
	Clients  []netip.Prefix
	Proof    flow.Proof // its verdict is Proven if the connect would not be answered
}

// Screens are the parts of the console that the endpoint's calls fill.
func (r Reach) Screens() []string {
	return screen.OfService(r.Service[strings.LastIndexByte(r.Service, '.')+1:])
}

// A Question is who would connect, and who resolves names for them.
type Question struct {
	Clients  netip.Prefix
	Resolver netip.Addr // an address of an inbound endpoint; invalid: of every VPC with private DNS
}

// ParseClients reads an address, or a range of addresses. The error says what the text isn't.
func ParseClients(text string) (netip.Prefix, error) {
	if !strings.Contains(text, "/") {
		a, err := netip.ParseAddr(text)
		if err != nil {
			return netip.Prefix{}, errors.New("isn't an address")
		}
		return host(a.Unmap().WithZone("")), nil
	}
	p, err := netip.ParsePrefix(text)
	if err != nil {
		return netip.Prefix{}, errors.New("isn't a range of addresses")
	}
	return p, nil
}

// Reach says, for every interface endpoint with private DNS that the resolver's clients are
// sent to, what would become of their connects, and before that of their queries to each of the
// resolver endpoint's addresses, over UDP and TCP. Clients of which the configuration says the
// same are together. known is false if no resolver endpoint in the files has the address.
func (c *Config) Reach(q Question) (out []Reach, known bool) {
	vpc := ""
	s := c.Study(nil, c.Collected, Client{})
	if q.Resolver.IsValid() {
		e := c.resolverOf(c.resolverIP.byID[q.Resolver.Unmap().String()])
		if e == nil {
			return nil, false
		}
		vpc = e.VPC
		out = s.queriesTo(e, q.Clients.Masked())
	}
	for _, e := range c.endpoints.all {
		if !e.PrivateDNS || vpc != "" && e.VPC != vpc || !strings.EqualFold(e.Kind, "interface") {
			continue
		}
		r := Reach{Host: privateName(e), Service: e.Service, Endpoint: e.ID, VPC: e.VPC, Clients: []netip.Prefix{q.Clients.Masked()}}
		if len(e.Interfaces) == 0 {
			out = append(out, r.unknown(e.ID+" has no network interface in these files", c.need(setEndpoints, e.Region, "--vpc-endpoint-ids "+e.ID)))
		}
		for _, id := range e.Interfaces {
			n := c.interfaces.byID[id]
			if n == nil {
				need := c.need(setInterfaces, e.Region, "--network-interface-ids "+id)
				out = append(out, r.unknown(id+" of "+e.ID+" isn't in these files", need))
				continue
			}
			for _, a := range n.Addresses {
				if a.Is4() == q.Clients.Addr().Is4() {
					x := r
					x.Address = a
					out = append(out, s.reach(x, n)...)
				}
			}
		}
	}
	return out, true
}

// queriesTo says what would become of DNS queries to a resolver endpoint.
func (s *Study) queriesTo(e *resolverEndpoint, clients netip.Prefix) (out []Reach) {
	for _, a := range s.config.resolverIP.all {
		if s.config.resolverOf(a) != e || a.Address.Is4() != clients.Addr().Is4() {
			continue
		}
		for _, protocol := range []string{"udp", "tcp"} {
			r := Reach{Query: protocol, Endpoint: e.ID, VPC: e.VPC, Address: a.Address, Clients: []netip.Prefix{clients}}
			out = append(out, s.reach(r, e.at(a))...)
		}
	}
	return out
}

// unknown is a connect of which nothing can be said.
func (r Reach) unknown(says string, needs []string) Reach {
	r.Proof = flow.Proof{Verdict: flow.Unknown, Says: says, Needs: needs}
	return r
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

// maxParts limits how finely a range of clients is divided, and maxScopes how many ranges a fix has.
const (
	maxParts  = 4096
	maxScopes = 4
)

// reach evaluates the connects from each part of the clients to an interface, and joins those that
// end alike.
func (s *Study) reach(r Reach, n *networkInterface) (out []Reach) {
	all := r.Clients[0]
	parts, whole := s.config.parts(all, n)
	if !whole {
		return []Reach{r.unknown(fmt.Sprintf("the configuration treats more than %d parts of %s differently: ask for a smaller range",
			maxParts, all), nil)}
	}
	var order []ending
	by := make(map[ending][]netip.Prefix)
	for _, p := range parts {
		e := endingOf(s.connect(r, p))
		if by[e] == nil {
			order = append(order, e)
		}
		by[e] = append(by[e], p)
	}
	for _, e := range order {
		r.Clients = ranges.Joined(by[e])
		scopes := r.Clients
		if len(scopes) > maxScopes { // what is the same for all of them
			scopes = []netip.Prefix{all}
		}
		r.Proof = s.unproven([]*address{s.connect(r, r.Clients[0])})
		if e.verdict == flow.Proven {
			a := s.connect(r, r.Clients[0])
			a.tracks = a.tracks[:1]
			for _, p := range scopes {
				t := *a.tracks[0]
				t.packet = r.packet(p)
				a.tracks = append(a.tracks, &t)
			}
			a.tracks = a.tracks[1:]
			r.Proof = s.proof([]*address{a})
			if all.Bits() < narrowest(all) {
				r.Proof.Fix = nil // nobody is let in from so many addresses
			}
		}
		out = append(out, r)
	}
	return out
}

// narrowest is how long the prefix of clients must be for a fix to let them in: as long as the
// private ranges' (RFC 1918), and as that of a site (RFC 6177).
func narrowest(clients netip.Prefix) int {
	if clients.Addr().Is4() {
		return 8
	}
	return 48
}

// packet is the first one of the clients' connects.
func (r Reach) packet(clients netip.Prefix) packet {
	to, protocol, port := r.Host, "tcp", uint16(443)
	if r.Query != "" {
		to, protocol, port = resolverHost, r.Query, 53
	}
	p := packet{
		Host: to, Service: r.Service, Protocol: protocol,
		To: netip.AddrPortFrom(r.Address, port), From: netip.AddrPortFrom(clients.Addr(), 0),
	}
	if !clients.IsSingleIP() {
		p.Clients = clients
	}
	return p
}

// connect evaluates the connects of clients that every rule treats alike.
func (s *Study) connect(r Reach, clients netip.Prefix) *address {
	p := r.packet(clients)
	return s.address(p.To, []packet{p})
}

// An ending is what decides about a connect.
type ending struct {
	verdict flow.ProofVerdict
	check   flow.CheckName
	object  string
	facts   fact
}

func endingOf(a *address) ending {
	e := ending{verdict: a.verdict}
	r, found := a.cause, a.verdict == flow.Proven
	if a.verdict == flow.Unknown {
		r, found = a.tracks[0].first(flow.CheckUnknown)
	}
	if found {
		e.check, e.object, e.facts = r.check, r.object, r.facts
	}
	return e
}
