package diagnose

import (
	"fmt"
	"time"

	"detour/internal/diagnose/ending"
	"detour/internal/diagnose/flowset"
	"detour/internal/flow"
)

func sinkholed() Rule {
	return Rule{
		Code:     "sinkholed",
		Level:    flow.LevelProblem,
		Meaning:  "The name of an AWS host resolves to an address that can't be AWS's: loopback or unspecified.",
		HowKnown: "Every address in the answer is unspecified (0.0.0.0, ::) or loopback.",
		WhatElse: "A line in the hosts file for a tunnel or a local stand-in for AWS that isn't running.",
		Asks:     []flow.Ask{askNetworkTeam("Remove %h from the DNS filter, or from the hosts file: %a can't be AWS's.")},
		Source:   "https://www.rfc-editor.org/rfc/rfc6890#section-2.2.2",
		match: func(f *flow.Flow, _ time.Time) bool {
			r := f.Conn.Resolution
			if !ending.Known(f) || ending.Reached(f) || r == nil || r.Outcome != flow.DNSOK || len(r.Addrs) == 0 ||
				r.Source == flow.SourceMap || r.Source == flow.SourceLiteral || r.Source == flow.SourceProxied {
				return false
			}
			for _, a := range r.Addrs {
				if s := flow.ScopeOf(a); s != flow.ScopeUnspecified && s != flow.ScopeLoopback {
					return false
				}
			}
			return true
		},
		explain: func(g group) flow.Finding {
			return flow.Finding{
				Title: fmt.Sprintf("%s: DNS or the hosts file returns an address that can't be AWS's (loopback or unspecified): "+
					"consistent with a blocklist", g.HostList()),
				Because: g.Distinct(func(f *flow.Flow) []string {
					r := f.Conn.Resolution
					if r == nil || len(r.Addrs) == 0 {
						return nil
					}
					from := string(r.Source)
					if r.Nameserver.IsValid() {
						from = r.Nameserver.String()
					}
					if r.Hosts != "" {
						from = clean(r.Hosts)
					}
					return []string{fmt.Sprintf("%s: %s returns %s", flowset.HostOf(f), from, r.Addrs[0])}
				}),
				Confidence: flow.ConfidenceHigh,
				Alternatives: []string{
					"a line in the hosts file for a tunnel or a local stand-in for AWS that isn't running",
					"a filtering nameserver (DNS firewall, parental control, ad blocker) that blocks the name",
				},
				Try: []flow.NextStep{
					g.LookUp("Query DNS for the name"),
					shell("Look for the name in the hosts file, on Linux and macOS", "grep "+g.Host()+" /etc/hosts"),
					shell("Compare with a public resolver, which then sees the name", "detour probe --reference-resolver 1.1.1.1 "+g.Host()),
				},
			}
		},
	}
}
