package diagnose

import (
	"fmt"
	"slices"
	"time"

	"detour/internal/diagnose/ending"
	"detour/internal/diagnose/flowset"
	"detour/internal/flow"
)

// slowLookup is how long a lookup takes in which a query got no answer: an answer for IPv6 is
// awaited for a second, all others longer.
const slowLookup = time.Second

// leastAwaited is how long a query got no answer that counts: one that was sent after the answer
// to the other is awaited a little less than the lookup takes.
const leastAwaited = slowLookup / 2

// dnsQueriesDropped is a lookup that succeeds, but late: some of its queries are never answered.
func dnsQueriesDropped() Rule {
	return Rule{
		Code:    "dns-queries-dropped",
		Level:   flow.LevelNotice,
		tier:    tierAdvice,
		Meaning: "A name resolves only after seconds, or too late: some of its queries got no answer.",
		HowKnown: "The lookup took a second or longer, and one of its queries had no answer while another of the same lookup had one. " +
			"Firewalls and some routers drop queries for IPv6 addresses (AAAA), or all over one protocol.",
		WhatElse: "A nameserver that is down, before the next one is queried; packets that are lost.",
		Asks:     []flow.Ask{askNetworkTeam("Find what drops queries from %m to %n, and answer or reject them instead.")},
		Concepts: []string{conceptResolverEndpoint},
		Source:   "https://www.rfc-editor.org/rfc/rfc8305#section-3",
		match: func(f *flow.Flow, now time.Time) bool {
			r := f.Conn.Resolution
			switch {
			case r == nil || r.Age != 0:
				return false
			case r.Outcome == flow.DNSPending:
				return !f.Final() && lookupTime(f, now) >= Patience && partlyAnswered(f, now)
			}
			return f.Final() && (r.Outcome == flow.DNSOK || partlyAnswered(f, now)) && r.Took >= slowLookup &&
				len(unansweredQueries(f, now)) > 0
		},
		explain: func(g group) flow.Finding {
			f := flow.Finding{
				Title: fmt.Sprintf("%s: name resolution is slow, because some queries get no answer: "+
					"consistent with a firewall or nameserver that drops them", g.HostList()),
				Because: g.Ranges(func(f *flow.Flow) (out []flowset.Measured) {
					if f.Conn.Resolution == nil {
						return nil
					}
					for _, q := range unansweredQueries(f, g.now) {
						out = append(out, flowset.Took(fmt.Sprintf("%s: no answer to the query for %s to %s (%s) within ",
							flowset.HostOf(f), clean(q.Type), q.Server, clean(q.Proto)), "", q.Took))
					}
					return append(out, flowset.Took(flowset.HostOf(f)+": the lookup took ", "", lookupTime(f, g.now)))
				}),
				Confidence:   flow.ConfidenceMedium,
				Alternatives: []string{"a nameserver that is down, so that the next one is queried only after a wait", "packets that are lost"},
				Try: []flow.NextStep{
					g.LookUpAtNameserver("Query the nameserver for the IPv4 address"),
					g.LookUpIPv6("And for the IPv6 address"),
				},
			}
			if !g.Each(ending.Reached) {
				f.Level = flow.LevelProblem
				f.Title = fmt.Sprintf("%s: name resolution takes longer than the client waits, because some queries get no answer: "+
					"consistent with a firewall or nameserver that drops them", g.HostList())
			}
			if g.Each(func(f *flow.Flow) bool { return partlyAnswered(f, g.now) }) {
				f.Title = fmt.Sprintf("%s: the name doesn't resolve: one query gets no answer, while the nameserver answers another: "+
					"consistent with a firewall or nameserver that drops it", g.HostList())
			}
			return f
		},
	}
}

// partlyAnswered reports whether a lookup has no address, although a nameserver answered the
// query of one type, because none answered that of the other type, or hasn't yet.
func partlyAnswered(f *flow.Flow, now time.Time) bool {
	if f.Conn == nil || f.Conn.Resolution == nil || len(f.Conn.Resolution.Addrs) > 0 {
		return false
	}
	fine, answered := false, make(map[string]bool)
	for _, q := range f.Conn.Resolution.Queries {
		fine = fine || q.RCode == "NOERROR"
		answered[q.Type] = answered[q.Type] || q.RCode != ""
	}
	return fine && slices.ContainsFunc(unansweredQueries(f, now), func(q flow.DNSQuery) bool { return !answered[q.Type] })
}

// lookupTime is how long a lookup took, or has taken so far.
func lookupTime(f *flow.Flow, now time.Time) time.Duration {
	r := f.Conn.Resolution
	if r.Outcome == flow.DNSPending {
		return ending.LastInstant(f, now).Sub(r.Start)
	}
	return r.Took
}

// unansweredQueries are the queries without an answer of a lookup in which another got one.
func unansweredQueries(f *flow.Flow, now time.Time) (out []flow.DNSQuery) {
	answered, r := false, f.Conn.Resolution
	for _, q := range r.Queries {
		if q.RCode == "" && r.Outcome == flow.DNSPending {
			q.Took = lookupTime(f, now) // it is still awaited
		}
		if q.RCode == "" && q.Took >= leastAwaited {
			out = append(out, q)
		}
		answered = answered || q.RCode != ""
	}
	if !answered {
		return nil
	}
	return out
}
