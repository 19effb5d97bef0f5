package diagnose

import (
	"net/netip"
	"slices"
	"strings"

	"detour/internal/flow"
)

// An overview is what all flows together say.
type overview struct {
	answeredConsole int                   // console-origin calls with an answer
	publicHosts     []string              // AWS hosts that answered from public addresses
	privateHosts    []string              // … from addresses that may be in a VPC
	lastAnswer      map[string]*flow.Flow // by host
	lastSuccess     map[calling]flow.ID   // by call
	pages           []*flow.Flow          // loads of the console's pages, as they came
}

// A calling is an operation at a host.
type calling struct{ host, operation string }

func callOf(host string, f *flow.Flow) calling {
	if f.AWS == nil {
		return calling{host: host}
	}
	return calling{host, f.AWS.Operation}
}

// survey looks at the flows that were answered.
func survey(flows []*flow.Flow) overview {
	o := overview{lastAnswer: make(map[string]*flow.Flow), lastSuccess: make(map[calling]flow.ID)}
	public, private := make(map[string]bool), make(map[string]bool)
	for _, f := range flows {
		if !reached(f) || !concerns(f) || f.Conn == nil {
			continue
		}
		if f.Origin == flow.OriginConsole && f.AWS != nil {
			o.answeredConsole++
		}
		if isPage(f) {
			o.pages = append(o.pages, f)
		}
		h := hostOf(f)
		if f.Response != nil && !badAnswer(f) && f.Response.Status < 400 {
			o.lastSuccess[callOf(h, f)] = f.ID
		}
		w := f.Conn.Winner()
		if w == nil {
			continue
		}
		o.lastAnswer[h] = f
		switch s := flow.ScopeOf(w.Addr.Addr()); {
		case s.InVPC():
			private[h] = true
		case s == flow.ScopePublic:
			public[h] = true
		}
	}
	o.publicHosts, o.privateHosts = keys(public), keys(private)
	return o
}

func keys(m map[string]bool) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// hostOf is the host that a flow was for, fit to stand in a command: anything
// that isn't a DNS name or an address becomes "invalid-host".
func hostOf(f *flow.Flow) string {
	host := authorityOf(f)
	if colon := strings.LastIndexByte(host, ':'); colon > strings.LastIndexByte(host, ']') {
		host = host[:colon]
	}
	host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	if _, err := netip.ParseAddr(host); err == nil {
		return host
	}
	if host == "" || len(host) > 253 || strings.HasPrefix(host, "-") || strings.Trim(host, "abcdefghijklmnopqrstuvwxyz0123456789-_.") != "" {
		return "invalid-host"
	}
	return host
}

// authorityOf is whom a flow was for: not the proxy that was asked for it.
func authorityOf(f *flow.Flow) string {
	if f.Conn != nil && f.Conn.Authority != f.Conn.UpstreamProxy {
		return f.Conn.Authority
	}
	s := f.Request.URL
	if _, rest, ok := strings.Cut(s, "://"); ok {
		s = rest
	}
	if end := strings.IndexAny(s, "/?#"); end >= 0 {
		s = s[:end]
	}
	return s[strings.LastIndexByte(s, '@')+1:]
}

func (g group) hosts() []string {
	m := make(map[string]bool)
	for _, f := range g.flows {
		m[hostOf(f)] = true
	}
	return keys(m)
}

func (g group) ids() []flow.ID {
	out := make([]flow.ID, len(g.flows))
	for i, f := range g.flows {
		out[i] = f.ID
	}
	return out
}

// distinct collects what pick says of the flows, sorted, without "".
func (g group) distinct(pick func(f *flow.Flow) []string) []string {
	m := make(map[string]bool)
	for _, f := range g.flows {
		for _, s := range pick(f) {
			if s != "" {
				m[s] = true
			}
		}
	}
	return keys(m)
}

func (g group) services() []string {
	return g.distinct(func(f *flow.Flow) []string {
		if f.AWS == nil {
			return nil
		}
		return []string{f.AWS.Service}
	})
}

func (g group) endpointServices() []string {
	return g.distinct(func(f *flow.Flow) []string {
		if f.AWS == nil {
			return nil
		}
		return []string{f.AWS.EndpointService}
	})
}

// calls are the operations by name; a preflight goes by its service.
func (g group) calls() []string {
	return g.distinct(func(f *flow.Flow) []string {
		switch {
		case f.AWS == nil:
			return nil
		case f.AWS.Operation != "":
			return []string{f.AWS.Operation}
		case f.Request.Method == "OPTIONS":
			return []string{"a preflight to " + f.AWS.Service}
		}
		return nil
	})
}

func (g group) pages() []string {
	return g.distinct(func(f *flow.Flow) []string { return []string{f.Page} })
}

func (g group) addresses() []string {
	return g.distinct(func(f *flow.Flow) []string {
		var out []string
		for _, a := range attempts(f) {
			if a.Addr.IsValid() {
				out = append(out, a.Addr.Addr().String())
			}
		}
		return out
	})
}

// sources are this machine's own addresses on the way there.
func (g group) sources() []string {
	return g.distinct(func(f *flow.Flow) []string {
		var out []string
		for _, a := range attempts(f) {
			if a.Local.IsValid() {
				out = append(out, a.Local.Addr().String())
			}
		}
		return out
	})
}

func (g group) nameservers() []string {
	return g.distinct(func(f *flow.Flow) []string {
		if f.Conn == nil || f.Conn.Resolution == nil || !f.Conn.Resolution.Nameserver.IsValid() {
			return nil
		}
		return []string{f.Conn.Resolution.Nameserver.String()}
	})
}

func attempts(f *flow.Flow) []flow.DialAttempt {
	if f.Conn == nil {
		return nil
	}
	return f.Conn.Attempts
}

func (g group) region() string {
	rs := g.distinct(func(f *flow.Flow) []string {
		if f.AWS == nil {
			return nil
		}
		return []string{f.AWS.Region}
	})
	if len(rs) == 0 {
		return ""
	}
	return rs[0]
}
