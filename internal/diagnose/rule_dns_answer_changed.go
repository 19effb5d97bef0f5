package diagnose

import (
	"fmt"
	"time"

	"detour/internal/diagnose/flowset"
	"detour/internal/flow"
)

func dnsAnswerChanged() Rule {
	return informational(Rule{
		Code:     "dns-answer-changed",
		Meaning:  "An AWS name changed from private to public addresses during a run, or the other way round.",
		HowKnown: "Two lookups in the same run.",
		WhatElse: "Two nameservers with different views that are queried in turn.",
		Asks:     []flow.Ask{askNetworkTeam(sameAnswer)},
		Concepts: []string{conceptPrivateDNS},
		Source:   "https://docs.aws.amazon.com/vpn/latest/clientvpn-admin/what-is.html",
		match: func(f *flow.Flow, _ time.Time) bool {
			return f.Conn.Resolution != nil && f.Conn.Resolution.Before != nil
		},
		explain: func(g group) flow.Finding {
			f := flow.Finding{
				Title: fmt.Sprintf("%s: the DNS answer changed: consistent with a VPN that connected or disconnected", g.HostList()),
				Because: g.Distinct(func(f *flow.Flow) []string {
					r := f.Conn.Resolution
					return []string{fmt.Sprintf("%s was %s until %s, and is %s now",
						flowset.HostOf(f), answer(r.Before.Outcome, r.Before.Addrs), r.Before.Last.UTC().Format("15:04:05"), answer(r.Outcome, r.Addrs))}
				}),
				Confidence:   flow.ConfidenceMedium,
				Alternatives: []string{"a private hosted zone, or an endpoint's private DNS, that was enabled or disabled"},
				Try:          g.System.Nameservers(),
			}
			if len(g.Set) > len(g.Hosts()) {
				f.Title = fmt.Sprintf("%s: the DNS answer keeps changing: consistent with two nameservers that have different zones", g.HostList())
			}
			return f
		},
	})
}
