// Package flowset collects what several flows have in common: their hosts, addresses, calls and
// pages, each named once, and facts that differ in nothing but a duration. It knows no rule.
//
// It is pure, and may be called concurrently.
package flowset

import (
	"slices"
	"strings"

	"detour/internal/flow"
	"detour/internal/wording"
)

// MaxNamed is how many hosts, addresses or operations a sentence names.
const MaxNamed = 12

// A Set is flows in the order of their IDs, at least one.
type Set []*flow.Flow

// Hosts are the set's hosts, sorted. There is at least one.
func (s Set) Hosts() []string {
	m := make(map[string]bool)
	for _, f := range s {
		m[HostOf(f)] = true
	}
	return Keys(m)
}

// Machine is the machine that sent the requests, as the reader of the finding knows it: a
// HAR is usually somebody else's.
func (s Set) Machine() string {
	if s.Each(func(f *flow.Flow) bool { return f.Source == flow.SourceHAR }) {
		return "that machine"
	}
	return "this machine"
}

// Ports are the ports of the set's hosts.
func (s Set) Ports() []string {
	return s.Distinct(func(f *flow.Flow) []string {
		a := AuthorityOf(f)
		colon := strings.LastIndexByte(a, ':')
		if colon < 0 || colon < strings.LastIndexByte(a, ']') || strings.Trim(a[colon+1:], "0123456789") != "" {
			return nil
		}
		return []string{a[colon+1:]}
	})
}

// Port is the first port, for commands that take one.
func (s Set) Port() string {
	if p := s.Ports(); len(p) > 0 {
		return p[0]
	}
	return "443"
}

// Host is the first host, for commands that take one.
func (s Set) Host() string { return s.Hosts()[0] }

// URL is the first host's root.
func (s Set) URL() string {
	host := s.Host()
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if p := s.Port(); p != "443" {
		host += ":" + p
	}
	return "https://" + host + "/"
}

// HostList is the hosts as a title names them.
func (s Set) HostList() string { return wording.Some(s.Hosts(), MaxNamed) }

// ServiceList is the services as a title names them.
func (s Set) ServiceList() string { return list(s.Services(), "AWS") }

// CallList is the calls as a title names them; the services, if the calls aren't known.
func (s Set) CallList() string { return list(s.Calls(), s.ServiceList()) }

// Each reports whether all flows of the set are so.
func (s Set) Each(is func(*flow.Flow) bool) bool {
	return !slices.ContainsFunc(s, func(f *flow.Flow) bool { return !is(f) })
}

// IDs are the IDs of the flows.
func (s Set) IDs() []flow.ID {
	out := make([]flow.ID, len(s))
	for i, f := range s {
		out[i] = f.ID
	}
	return out
}

// Distinct collects what pick returns for the flows, sorted, without "".
func (s Set) Distinct(pick func(f *flow.Flow) []string) []string {
	m := make(map[string]bool)
	for _, f := range s {
		for _, s := range pick(f) {
			if s != "" {
				m[s] = true
			}
		}
	}
	return Keys(m)
}

// Services are the services, by their names in AWS's APIs, sorted.
func (s Set) Services() []string {
	return s.Distinct(func(f *flow.Flow) []string {
		if f.AWS == nil {
			return nil
		}
		return []string{f.AWS.Service}
	})
}

// EndpointServices are the names of the services of interface endpoints that would carry the calls.
func (s Set) EndpointServices() []string {
	return s.Distinct(func(f *flow.Flow) []string {
		if f.AWS == nil {
			return nil
		}
		return []string{f.AWS.EndpointService}
	})
}

// Calls are the operations by name; a preflight goes by its service.
func (s Set) Calls() []string {
	return s.Distinct(func(f *flow.Flow) []string {
		switch {
		case !f.AWS.IsCall():
			return nil
		case len(f.AWS.MayBe()) > 0:
			return f.AWS.MayBe()
		case f.Request.Method == "OPTIONS":
			return []string{"a preflight to " + f.AWS.Service}
		}
		return nil
	})
}

// Pages are the console pages that the flows belong to.
func (s Set) Pages() []string {
	return s.Distinct(func(f *flow.Flow) []string { return []string{f.Page} })
}

// Addresses are the addresses that were tried.
func (s Set) Addresses() []string {
	return s.Distinct(func(f *flow.Flow) []string {
		var out []string
		for _, a := range Attempts(f) {
			if a.Addr.IsValid() {
				out = append(out, a.Addr.Addr().String())
			}
		}
		return out
	})
}

// Sources are this machine's own addresses on the path.
func (s Set) Sources() []string {
	return s.Distinct(func(f *flow.Flow) []string {
		var out []string
		for _, a := range Attempts(f) {
			if a.Local.IsValid() {
				out = append(out, a.Local.Addr().String())
			}
		}
		return out
	})
}

// Nameservers are those that answered, with their ports.
func (s Set) Nameservers() []string {
	return s.Distinct(func(f *flow.Flow) []string {
		if f.Conn == nil || f.Conn.Resolution == nil || !f.Conn.Resolution.Nameserver.IsValid() {
			return nil
		}
		return []string{f.Conn.Resolution.Nameserver.String()}
	})
}

// Attempts are the dial attempts of a flow's connection.
func Attempts(f *flow.Flow) []flow.DialAttempt {
	if f.Conn == nil {
		return nil
	}
	return f.Conn.Attempts
}

// Region is the first Region; "" if none is known.
func (s Set) Region() string {
	rs := s.Distinct(func(f *flow.Flow) []string {
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

// Proxies are the upstream proxies.
func (s Set) Proxies() []string {
	return s.Distinct(func(f *flow.Flow) []string {
		if f.Conn == nil {
			return nil
		}
		return []string{f.Conn.UpstreamProxy}
	})
}

// Operations are the calls with their services: "monitoring:GetMetricData".
func (s Set) Operations() []string {
	return s.Distinct(func(f *flow.Flow) []string {
		var out []string
		for _, op := range f.AWS.MayBe() {
			out = append(out, f.AWS.Service+":"+op)
		}
		return out
	})
}

// RequestIDs are those of AWS's servers.
func (s Set) RequestIDs() []string {
	return s.Distinct(func(f *flow.Flow) []string {
		if f.AWS == nil {
			return nil
		}
		return []string{f.AWS.RequestID}
	})
}

// Keys are a set of words, sorted.
func Keys(m map[string]bool) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// list joins words as in a sentence; none stands for no words.
func list(words []string, none string) string {
	if len(words) == 0 {
		return none
	}
	return wording.List(words)
}
