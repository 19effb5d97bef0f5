package diagnose

import (
	"fmt"
	"time"

	"detour/internal/diagnose/command"
	"detour/internal/diagnose/flowset"
	"detour/internal/flow"
)

func nameserversDisagree() Rule {
	return Rule{
		Code:     "nameservers-disagree",
		Level:    flow.LevelProblem,
		Meaning:  "The machine's nameservers return different answers for an AWS host: where a call goes depends on which one is queried.",
		HowKnown: "Each nameserver was queried separately: one returns private addresses, and another returns public ones or none.",
		WhatElse: "A record that just changed and hasn't propagated yet.",
		Asks:     []flow.Ask{askNetworkTeam(sameAnswer)},
		Concepts: []string{conceptPrivateDNS, conceptResolverEndpoint},
		Source:   "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver.html",
		lasting:  true,
		match: func(f *flow.Flow, _ time.Time) bool {
			return f.Final() && f.Conn.Resolution != nil && len(contradictions(f)) > 0
		},
		explain: func(g group) flow.Finding {
			f := flow.Finding{
				Title: fmt.Sprintf("%s: the nameservers of %s return different answers: "+
					"consistent with calls that fail intermittently", g.HostList(), g.Machine()),
				Because:      g.Distinct(contradictions),
				Confidence:   flow.ConfidenceHigh,
				Alternatives: []string{"a record that just changed: query again after its TTL"},
			}
			for i, ns := range g.comparedNameservers() {
				if i < maxNameservers {
					f.Try = append(f.Try, shell("Query "+ns+" only", "detour probe --resolver "+ns+" "+g.Host()))
				}
			}
			f.Try = append(f.Try, g.System.Nameservers()...)
			return f
		},
	}
}

const sameAnswer = "Make all resolvers of %m (%n) return the same answer for %h."

// contradictions are answers of other nameservers that contradict the one used.
func contradictions(f *flow.Flow) (out []string) {
	r := f.Conn.Resolution
	if r == nil {
		return nil
	}
	for _, ref := range r.Each {
		switch r.Compare(ref) {
		case flow.VerdictPrivate, flow.VerdictOnlyThere, flow.VerdictOnlyHere:
		case flow.VerdictDifferent:
			if r.AllInVPC() == (&flow.Resolution{Addrs: ref.Addrs}).AllInVPC() {
				continue // public names have more addresses than one answer
			}
		case "", flow.VerdictEqual, flow.VerdictOverlap, flow.VerdictNone:
			continue
		}
		out = append(out, fmt.Sprintf("%s: %s returns %s, %s returns %s", flowset.HostOf(f), r.Nameserver, answer(r.Outcome, r.Addrs),
			clean(ref.Nameserver), answer(ref.Outcome, ref.Addrs)))
	}
	return out
}

// comparedNameservers are all that were queried for the group's hosts.
func (g group) comparedNameservers() []string {
	return g.Distinct(func(f *flow.Flow) []string {
		r := f.Conn.Resolution
		if r == nil {
			return nil
		}
		out := []string{command.Server(r.Nameserver.String())}
		for _, ref := range r.Each {
			out = append(out, command.Server(ref.Nameserver))
		}
		return out
	})
}

// maxNameservers is how many nameservers get their own command.
const maxNameservers = 4
