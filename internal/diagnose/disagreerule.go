package diagnose

import (
	"fmt"
	"net/netip"
	"time"

	"detour/internal/flow"
)

// disagreeing are nameservers of one machine that don't say the same of a name.
func disagreeing() Rule {
	return Rule{
		Code:     "nameservers-disagree",
		Level:    flow.LevelProblem,
		Meaning:  "The nameservers of this machine contradict each other about an AWS host: which one is asked decides where a call goes.",
		HowKnown: "Each was asked by itself, and one has private addresses where another has public ones, or none.",
		WhatElse: "A record that was changed a moment ago, and isn't everywhere yet.",
		Asks:     []flow.Ask{askNetworkTeam("Have all resolvers of this machine (%n) give the same answer for %h.")},
		Source:   "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver.html",
		lasting:  true,
		match: func(f *flow.Flow, _ time.Time) bool {
			return f.Final() && f.Conn.Resolution != nil && len(contradictions(f)) > 0
		},
		explain: func(g group) flow.Finding {
			return flow.Finding{
				Title:      fmt.Sprintf("%s: this machine's nameservers contradict each other: consistent with calls that fail now and then", list(g.hosts(), "")),
				Because:    g.distinct(contradictions),
				Confidence: flow.ConfidenceHigh,
				Alternatives: []string{
					"a record that was changed a moment ago: ask again when its TTL is over",
				},
				Try: texts("detour probe --resolver ADDRESS "+g.hosts()[0]+", with each of them", "resolvectl status, or scutil --dns: which link or domain has which nameserver"),
			}
		},
	}
}

// contradictions are what other nameservers say that isn't what the used one said.
func contradictions(f *flow.Flow) (out []string) {
	r := f.Conn.Resolution
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
		out = append(out, fmt.Sprintf("%s: %s says %s, %s says %s", hostOf(f), r.Nameserver, said(r.Outcome, r.Addrs), clean(ref.Nameserver), said(ref.Outcome, ref.Addrs)))
	}
	return out
}

func said(o flow.DNSOutcome, addrs []netip.Addr) string {
	if len(addrs) == 0 {
		return string(o)
	}
	return fmt.Sprintf("%s (%s)", addrs[0], flow.ScopeOf(addrs[0]))
}
