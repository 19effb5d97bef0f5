package account

import (
	"net/netip"
	"slices"

	"detour/internal/flow"
)

// queries are the DNS queries of a connection that were answered, or those that weren't, with the
// source that a query to a nameserver has. The record doesn't have it.
func (s *Study) queries(c *flow.Conn, answered bool, source func(to netip.Addr) netip.Addr) (out []packet) {
	r := c.Resolution
	if r == nil || r.Source != flow.SourceDNS || len(s.config.resolvers.all) == 0 {
		return nil
	}
	all := r.Queries
	if r.Nameserver.IsValid() && !slices.ContainsFunc(all, func(q flow.DNSQuery) bool { return q.Server == r.Nameserver && q.RCode != "" }) {
		all = append(slices.Clone(all), flow.DNSQuery{Server: r.Nameserver, Proto: "udp", RCode: "NOERROR"})
	}
	for _, q := range all {
		if (q.RCode != "") != answered || !q.Server.IsValid() {
			continue
		}
		to := unmap(q.Server)
		p := packet{Host: resolverHost, Protocol: q.Proto, To: to, From: netip.AddrPortFrom(source(to.Addr()), 0)}
		if !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out
}

// resolverAt is the resolver endpoint that has an address; nil if none in the files has.
func (s *Study) resolverAt(a netip.Addr) *resolverEndpoint {
	return s.config.resolverOf(s.config.resolverIP.byID[a.String()])
}

// answeredQueries are those of a connection to a resolver endpoint in the files: their source is
// that of the connects, if they have the same.
func (s *Study) answeredQueries(c *flow.Conn) []packet {
	all := s.queries(c, true, func(to netip.Addr) netip.Addr {
		return onlyLocal(c.Attempts, func(a flow.DialAttempt) bool { return a.Local.Addr().Unmap().Is4() == to.Is4() })
	})
	return slices.DeleteFunc(all, func(p packet) bool { return !p.From.IsValid() || s.resolverAt(p.To.Addr()) == nil })
}

// towards is the source of queries of a lookup without connects: the one given by hand, or that of
// all connects to addresses of the nameserver's VPC, if they have the same.
func (s *Study) towards(to netip.Addr) netip.Addr {
	e := s.resolverAt(to)
	if e == nil || s.client.From.IsValid() {
		return s.client.From.Unmap()
	}
	return s.ofAll().locals[site{e.VPC, to.Is4()}]
}

// refutedQuery says which query was answered though the configuration denies it, of lookups
// without connects; "" if none was.
func (s *Study) refutedQuery() string {
	for _, p := range s.ofAll().queries {
		p.From = netip.AddrPortFrom(s.towards(p.To.Addr()), 0)
		if r, found := s.refutes(p); found {
			return r.text
		}
	}
	return ""
}

// onlyLocal is the local address that all of some attempts have; invalid if they differ.
func onlyLocal(all []flow.DialAttempt, of func(flow.DialAttempt) bool) (local netip.Addr) {
	for _, a := range all {
		if !a.Local.IsValid() || !of(a) {
			continue
		}
		if local.IsValid() && local != a.Local.Addr().Unmap() {
			return netip.Addr{}
		}
		local = a.Local.Addr().Unmap()
	}
	return local
}

// names is the proof of a finding about names of which no query was answered, if a nameserver is a
// resolver endpoint in the files; false if it is about anything else.
func (s *Study) names(f flow.Finding) ([]Part, bool) {
	var all []packet
	here := false
	for _, id := range f.Flows {
		x := s.flows[id]
		if x == nil || x.Conn == nil || x.Reused || !unresolved(x.Conn.Resolution) {
			return nil, false
		}
		all = append(all, s.queries(x.Conn, false, s.towards)...)
	}
	for _, p := range all {
		here = here || s.resolverAt(p.To.Addr()) != nil
	}
	if !here {
		return nil, false
	}
	if s.client.Strict {
		return []Part{{flow.Proof{Verdict: flow.Unknown, Says: strictly}, f.Hosts, f.Flows}}, true
	}
	addrs, by := byAddress(all)
	var as []*address
	for _, a := range addrs {
		as = append(as, s.address(a, by[a]))
	}
	p := s.namesProof(as)
	p.Caveats = append(p.Caveats, s.caveats(p)...)
	if p.Verdict == flow.Proven && !s.client.From.IsValid() && slices.ContainsFunc(all, func(p packet) bool { return p.From.IsValid() }) {
		p.Caveats = append(p.Caveats, "the record doesn't have the source of the queries: it is taken from connects to the same VPC")
	}
	if p.Fix != nil {
		p.Fix.Verify = probeOf(slices.DeleteFunc(slices.Clone(f.Hosts), func(h string) bool { return !hostForm.MatchString(h) }))
	}
	return []Part{{p, f.Hosts, f.Flows}}, true
}

// namesProof is that of all nameservers that didn't answer.
func (s *Study) namesProof(all []*address) flow.Proof {
	if len(s.against.all) > 0 {
		return s.contradicted(all, s.against.all[0].text)
	}
	if slices.ContainsFunc(all, func(a *address) bool { return a.verdict != flow.Proven }) {
		return s.unproven(all)
	}
	if text := s.refutedQuery(); text != "" {
		return s.contradicted(all, text)
	}
	if len(s.unseen) > 0 {
		return s.unexplained(all)
	}
	slices.SortStableFunc(all, func(a, b *address) int { return order(a.cause.check) - order(b.cause.check) })
	return s.proof(all)
}

// unresolved reports whether a lookup ended without any answer.
func unresolved(r *flow.Resolution) bool {
	return r != nil && r.Outcome == flow.DNSTimeout && len(r.Addrs) == 0 && len(r.Queries) > 0 &&
		!slices.ContainsFunc(r.Queries, func(q flow.DNSQuery) bool { return q.RCode != "" || q.Took < leastAwaited })
}

// leastAwaited is how long a query goes unanswered that counts, in a lookup that has ended.
const leastAwaited = patience / 3
