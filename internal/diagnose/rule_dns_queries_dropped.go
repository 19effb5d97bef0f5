package diagnose

import (
	"fmt"
	"time"

	"detour/internal/flow"
)

// slowLookup is how long a lookup takes that a person notices.
const slowLookup = 2 * time.Second

// dnsQueriesDropped is a lookup that succeeds, but late: some of its queries are never answered.
func dnsQueriesDropped() Rule {
	return Rule{
		Code:    "dns-queries-dropped",
		Level:   flow.LevelNotice,
		tier:    tierAdvice,
		Meaning: "A name resolves only after seconds, or too late: some of its queries got no answer.",
		HowKnown: "The lookup took 2 seconds or longer, and one of its queries had no answer while another of the same lookup had one. " +
			"Firewalls and some routers drop queries for IPv6 addresses (AAAA), or all over one protocol.",
		WhatElse: "A nameserver that is down, before the next one is asked; packets that are lost.",
		Asks:     []flow.Ask{askNetworkTeam("Find what drops queries from %m to %n, and answer or reject them instead.")},
		Source:   "https://www.rfc-editor.org/rfc/rfc8305#section-3",
		match: func(f *flow.Flow, _ time.Time) bool {
			r := f.Conn.Resolution
			return r != nil && f.Final() && (r.Outcome == flow.DNSOK || partlyAnswered(f)) && r.Took >= slowLookup && r.Age == 0 &&
				len(unansweredQueries(r)) > 0
		},
		explain: func(g group) flow.Finding {
			f := flow.Finding{
				Title: fmt.Sprintf("%s: name resolution takes seconds, because some queries get no answer: "+
					"consistent with a firewall or nameserver that drops them", g.hostList()),
				Because: g.ranges(func(f *flow.Flow) (out []measured) {
					for _, q := range unansweredQueries(f.Conn.Resolution) {
						out = append(out, measured{
							fmt.Sprintf("%s: no answer to the query for %s to %s (%s) within ", hostOf(f), clean(q.Type), q.Server, clean(q.Proto)), "", q.Took,
						})
					}
					return append(out, measured{hostOf(f) + ": the lookup took ", "", f.Conn.Resolution.Took})
				}),
				Confidence:   flow.ConfidenceMedium,
				Alternatives: []string{"a nameserver that is down, so that the next one is asked after a wait"},
				Try: []flow.NextStep{
					g.digAtNameserver("Query the nameserver for the IPv4 address"),
					shell("And for the IPv6 address", "dig AAAA "+g.host()),
				},
			}
			if !g.each(reached) {
				f.Level = flow.LevelProblem
				f.Title = fmt.Sprintf("%s: name resolution takes longer than the client waits, because some queries get no answer: "+
					"consistent with a firewall or nameserver that drops them", g.hostList())
			}
			return f
		},
	}
}

// partlyAnswered reports whether a lookup that failed, or that the client didn't wait for, has
// the name's addresses of one kind.
func partlyAnswered(f *flow.Flow) bool {
	if f.Conn == nil || f.Conn.Resolution == nil || len(f.Conn.Resolution.Addrs) > 0 {
		return false
	}
	for _, q := range f.Conn.Resolution.Queries {
		if q.RCode == "NOERROR" && q.Answers > 0 {
			return len(unansweredQueries(f.Conn.Resolution)) > 0
		}
	}
	return false
}

// unansweredQueries are the queries without an answer of a lookup in which another got one.
func unansweredQueries(r *flow.Resolution) (out []flow.DNSQuery) {
	answered := false
	for _, q := range r.Queries {
		if q.RCode == "" && q.Took >= time.Second {
			out = append(out, q)
		}
		answered = answered || q.RCode != ""
	}
	if !answered {
		return nil
	}
	return out
}
