package compare

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"detour/internal/flow"
)

// Limits of what is compared: the names of hosts and operations come from the network.
const (
	maxHosts = 10_000 // further ones aren't compared
	maxCalls = 1_000  // of a host
	maxWords = 50     // of a set
)

// A set has at most maxWords words.
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

// A path is the resolvers, interfaces and proxies that requests used.
type path struct {
	nameservers, interfaces, sources, proxies set
}

func newPath() path { return path{set{}, set{}, set{}, set{}} }

// A surveyed capture is the part of one that is compared.
type surveyed struct {
	path
	environment *flow.Environment
	hosts       map[string]*host
}

// paths are those of both captures.
type paths struct{ a, b *surveyed }

// A host is the part of one that is compared.
type host struct {
	path
	aws       bool // console, sign-in or a service's endpoint
	calls     map[string]*samples
	outcomes  set // of its resolution
	scopes    set
	inside    set // addresses that aren't public
	published set // what AWS publishes of the public ones
}

func survey(c *flow.Capture) *surveyed {
	s := &surveyed{path: newPath(), environment: c.Environment, hosts: make(map[string]*host)}
	problems := problemsOf(c)
	for _, f := range c.Flows {
		name := strings.ToLower(strings.TrimSuffix(f.Request.Host(), "."))
		h := s.hosts[name]
		if h == nil {
			if len(s.hosts) >= maxHosts {
				continue
			}
			h = &host{path: newPath(), calls: make(map[string]*samples), outcomes: set{}, scopes: set{}, inside: set{}, published: set{}}
			s.hosts[name] = h
		}
		h.add(f, problems[f.ID])
		s.note(f.Conn)
		h.note(f.Conn)
	}
	return s
}

// problemsOf are the flows that a problem of the capture is about, even if it is resolved.
func problemsOf(c *flow.Capture) map[flow.ID]bool {
	out := make(map[flow.ID]bool)
	for _, f := range c.Findings {
		if f.Level != flow.LevelProblem {
			continue
		}
		for _, id := range f.Flows {
			out[id] = true
		}
	}
	return out
}

func (h *host) add(f *flow.Flow, problem bool) {
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
		p = &samples{origin: f.Origin, outcomes: make(map[outcome]int)}
		h.calls[op] = p
	}
	p.add(f, problem)
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
	if of := a.MayBe(); len(of) > 0 {
		name += ":" + strings.Join(of, " or ")
	}
	if f.Request.Method == "OPTIONS" {
		name += " (preflight)"
	}
	return name
}

// broken reports whether every request failed whose outcome is known.
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

// note adds what a connection used.
func (r path) note(c *flow.Conn) {
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
		case flow.SourceDNS, flow.SourceSystem: // they differ in how detour asks, not in what answers
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

// network is the part of an interface's address that is compared: of IPv6 the network,
// since hosts change the rest on their own (RFC 8981); "" for link-local ones.
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
