package account

import (
	"net/netip"
	"slices"

	"detour/internal/flow"
)

// queries are the DNS queries of a connection that were answered, or those that weren't. Those to a
// nameserver that isn't a resolver endpoint's in the files are among the latter alone.
func (s *Study) queries(c *flow.Conn, answered bool) (out []packet) {
	r := c.Resolution
	if r == nil || r.Source != flow.SourceDNS || len(s.config.resolvers.all) == 0 {
		return nil
	}
	all := slices.Clone(r.Queries)
	if r.Nameserver.IsValid() {
		all = append(all, flow.DNSQuery{Server: r.Nameserver, Proto: "udp", RCode: "NOERROR"})
		if slices.ContainsFunc(r.Queries, func(q flow.DNSQuery) bool { return q.Server == r.Nameserver && q.RCode != "" }) {
			all = all[:len(all)-1] // with its protocol
		}
	}
	for _, q := range all {
		to := unmap(q.Server)
		e := s.config.resolverOf(s.config.resolverIP.byID[to.Addr().String()])
		if (q.RCode != "") != answered || !to.IsValid() || answered && (e == nil || s.config.resolverIP.byID[to.Addr().String()] == nil) {
			continue
		}
		p := packet{Host: resolverHost, Protocol: q.Proto, To: to, From: netip.AddrPortFrom(s.sourceOf(c, to.Addr(), e), 0)}
		if !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out
}

// sourceOf is the client's address of a query, which the record doesn't have: that of the connects
// of the same connection, or of all to the nameserver's VPC, if they have the same. It is invalid
// if they haven't.
func (s *Study) sourceOf(c *flow.Conn, to netip.Addr, e *resolverEndpoint) netip.Addr {
	if s.client.From.IsValid() && len(c.Attempts) == 0 {
		return s.client.From.Unmap()
	}
	if len(c.Attempts) > 0 {
		return onlyLocal(c.Attempts, func(a flow.DialAttempt) bool { return a.Local.Addr().Unmap().Is4() == to.Is4() })
	}
	if e == nil {
		return netip.Addr{}
	}
	if s.locals == nil {
		s.locals = make(map[string]netip.Addr)
	}
	key := e.VPC
	if to.Is6() {
		key += " IPv6"
	}
	if _, known := s.locals[key]; !known {
		var all []flow.DialAttempt
		for _, f := range s.flows {
			for _, c := range conns(f) {
				if c.UpstreamProxy == "" {
					all = append(all, c.Attempts...)
				}
			}
		}
		s.locals[key] = onlyLocal(all, func(a flow.DialAttempt) bool {
			inside, known := s.config.inVPC(a.Addr.Addr().Unmap(), e.VPC)
			return inside && known && a.Addr.Addr().Unmap().Is4() == to.Is4()
		})
	}
	return s.locals[key]
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
		all = append(all, s.queries(x.Conn, false)...)
	}
	for _, p := range all {
		here = here || s.config.resolverIP.byID[p.To.Addr().String()] != nil
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
	var out []Part
	switch i := slices.IndexFunc(as, func(a *address) bool { return a.verdict != flow.Proven }); {
	case len(s.against) > 0:
		out = []Part{{Proof: s.contradicted(as)}}
	case i >= 0:
		out = []Part{{Proof: s.unproven(as)}}
	case len(s.unseen) > 0:
		out = []Part{{Proof: s.unexplained(as)}}
	default:
		slices.SortStableFunc(as, func(a, b *address) int { return order(a.cause.check) - order(b.cause.check) })
		out = []Part{{Proof: s.proof(as)}}
	}
	for i := range out {
		p := &out[i]
		p.Hosts, p.Flows = f.Hosts, f.Flows
		p.Proof.Caveats = append(p.Proof.Caveats, s.caveats(p.Proof)...)
		if p.Proof.Verdict == flow.Proven && slices.ContainsFunc(all, func(p packet) bool { return p.From.IsValid() }) && !s.client.From.IsValid() {
			p.Proof.Caveats = append(p.Proof.Caveats,
				"the record doesn't have the source of the queries: it is taken from connects to the same VPC")
		}
		if p.Proof.Fix != nil {
			p.Proof.Fix.Verify = probeOf(slices.DeleteFunc(slices.Clone(f.Hosts), func(h string) bool { return !hostForm.MatchString(h) }))
		}
	}
	return out, true
}

// unresolved reports whether a lookup ended without any answer.
func unresolved(r *flow.Resolution) bool {
	return r != nil && r.Outcome == flow.DNSTimeout && len(r.Addrs) == 0 && len(r.Queries) > 0 &&
		!slices.ContainsFunc(r.Queries, func(q flow.DNSQuery) bool { return q.RCode != "" || q.Took < leastAwaited })
}

// leastAwaited is how long a query goes unanswered that counts, in a lookup that has ended.
const leastAwaited = patience / 3
