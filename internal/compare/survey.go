package compare

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"detour/internal/flow"
)

// Bounds of what is kept of a capture: hosts and operations are the network's words.
const (
	maxHosts = 10_000 // further ones aren't compared
	maxCalls = 1_000  // of a host
	maxWords = 50     // of a set
)

// A set has words, maxWords at most.
type set map[string]bool

func (s set) add(word string) {
	if word != "" && len(s) < maxWords {
		s[word] = true
	}
}

func (s set) String() string { return strings.Join(s.sorted(), ", ") }

func (s set) sorted() []string {
	out := make([]string, 0, len(s))
	for w := range s {
		out = append(out, w)
	}
	slices.Sort(out)
	return out
}

// A road is by what resolvers, interfaces and proxies requests went.
type road struct {
	nameservers, interfaces, sources, proxies set
}

func newRoad() road { return road{set{}, set{}, set{}, set{}} }

// A surveyed capture is what is compared of it.
type surveyed struct {
	road
	environment *flow.Environment
	hosts       map[string]*host
}

// roads are those of both captures.
type roads struct{ a, b *surveyed }

// A host is what is compared of one.
type host struct {
	road
	aws       bool // console, sign-in or a service's endpoint
	calls     map[string]*pile
	outcomes  set // of its resolution
	scopes    set
	inside    set // addresses that aren't public
	published set // what AWS publishes of the public ones
}

func survey(c *flow.Capture) *surveyed {
	s := &surveyed{road: newRoad(), environment: c.Environment, hosts: make(map[string]*host)}
	for _, f := range c.Flows {
		name := strings.ToLower(strings.TrimSuffix(f.Request.Host(), "."))
		h := s.hosts[name]
		if h == nil {
			if len(s.hosts) >= maxHosts {
				continue
			}
			h = &host{road: newRoad(), calls: make(map[string]*pile), outcomes: set{}, scopes: set{}, inside: set{}, published: set{}}
			s.hosts[name] = h
		}
		h.add(f)
		s.walk(f.Conn)
		h.walk(f.Conn)
	}
	return s
}

func (h *host) add(f *flow.Flow) {
	op := operation(f)
	switch f.Origin {
	case flow.OriginConsole, flow.OriginDirect, flow.OriginSignIn:
		h.aws = true
	case flow.OriginStatic, flow.OriginTelemetry, flow.OriginOther:
		op = ""
	}
	p := h.calls[op]
	if p == nil {
		if len(h.calls) >= maxCalls {
			return
		}
		p = &pile{origin: f.Origin, outcomes: make(map[outcome]int)}
		h.calls[op] = p
	}
	p.add(f)
	if f.Conn == nil || f.Conn.Resolution == nil || f.Conn.Resolution.Outcome == flow.DNSPending {
		return
	}
	r := f.Conn.Resolution
	h.outcomes.add(string(r.Outcome))
	for i, a := range r.Addrs {
		scope := flow.ScopeOf(a)
		h.scopes.add(string(scope))
		if scope != flow.ScopePublic {
			h.inside.add(a.Unmap().String())
		} else if i < len(r.Ranges) {
			h.published.add(orElse(r.Ranges[i], "none"))
		}
	}
}

// operation names what a request asks for; "" if that isn't known.
func operation(f *flow.Flow) string {
	a := f.AWS
	if a == nil {
		return ""
	}
	name := a.Service
	if a.Operation != "" {
		name += ":" + a.Operation
	}
	if f.Request.Method == "OPTIONS" {
		name += " (preflight)"
	}
	return name
}

// broken reports whether every request failed that isn't undecided.
func (h *host) broken() bool {
	bad := false
	for _, p := range h.calls {
		for o := range p.outcomes {
			if o.grade != gradeTrouble {
				return false
			}
			bad = true
		}
	}
	return bad
}

// walk notes by what a connection went.
func (r road) walk(c *flow.Conn) {
	if c == nil {
		return
	}
	r.proxies.add(c.UpstreamProxy)
	if res := c.Resolution; res != nil {
		if res.Nameserver.IsValid() {
			r.nameservers.add(res.Nameserver.String())
		}
		switch res.Source {
		case flow.SourceHosts, flow.SourceMap, flow.SourceLiteral, flow.SourceProxied:
			r.sources.add(string(res.Source))
		case flow.SourceDNS, flow.SourceSystem: // which of them says how detour asks, not what answers
			r.sources.add("dns")
		}
	}
	for _, a := range c.Attempts {
		if a.Interface != "" {
			r.interfaces.add(named(a.Interface, a.Kind))
		}
	}
}

func named(name string, kind flow.InterfaceKind) string {
	if kind == "" {
		return name
	}
	return fmt.Sprintf("%s (%s)", name, kind)
}

// network is an interface's address as far as it is told apart: of IPv6 the network,
// since hosts change the rest by themselves (RFC 8981); "" for link-local ones.
func network(address string) string {
	p, err := netip.ParsePrefix(address)
	switch {
	case err != nil:
		return address
	case p.Addr().IsLinkLocalUnicast():
		return ""
	case p.Addr().Is6():
		return p.Masked().String()
	}
	return address
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
