package diagnose

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"detour/internal/flow"
	"detour/internal/wording"
)

// hostOf is the host that a flow was for, fit to stand in a command: whatever isn't a
// DNS name or an address is "invalid-host".
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

// authorityOf is the authority that a flow was for, not that of an upstream proxy.
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

// A group is what a finding is made from: the flows that its rule claims, and what all
// flows together show.
type group struct {
	flows []*flow.Flow
	now   time.Time
	all   overview
	alone bool // no other rule explains a failure
}

// hosts are the group's hosts, sorted. There is at least one.
func (g group) hosts() []string {
	m := make(map[string]bool)
	for _, f := range g.flows {
		m[hostOf(f)] = true
	}
	return keys(m)
}

// machine is the machine that sent the requests, as the reader of the finding knows it: a
// HAR is usually somebody else's.
func (g group) machine() string {
	if g.each(fromHAR) {
		return "that machine"
	}
	return "this machine"
}

// ports are the ports of the group's hosts.
func (g group) ports() []string {
	return g.distinct(func(f *flow.Flow) []string {
		a := authorityOf(f)
		colon := strings.LastIndexByte(a, ':')
		if colon < 0 || colon < strings.LastIndexByte(a, ']') || strings.Trim(a[colon+1:], "0123456789") != "" {
			return nil
		}
		return []string{a[colon+1:]}
	})
}

// port is the first port, for commands that take one.
func (g group) port() string {
	if p := g.ports(); len(p) > 0 {
		return p[0]
	}
	return "443"
}

// host is the first host, for commands that take one.
func (g group) host() string { return g.hosts()[0] }

// url is the first host's root.
func (g group) url() string {
	host := g.host()
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if p := g.port(); p != "443" {
		host += ":" + p
	}
	return "https://" + host + "/"
}

// hostList, serviceList and callList are what a title is about.
func (g group) hostList() string    { return wording.Some(g.hosts(), maxNamed) }
func (g group) serviceList() string { return list(g.services(), "AWS") }
func (g group) callList() string    { return list(g.calls(), g.serviceList()) }

// each reports whether all flows of the group are so.
func (g group) each(is func(*flow.Flow) bool) bool {
	return !slices.ContainsFunc(g.flows, func(f *flow.Flow) bool { return !is(f) })
}

func (g group) ids() []flow.ID {
	out := make([]flow.ID, len(g.flows))
	for i, f := range g.flows {
		out[i] = f.ID
	}
	return out
}

// distinct collects what pick returns for the flows, sorted, without "".
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
		case !f.AWS.IsCall():
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

// sources are this machine's own addresses on the path.
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
