package diagnose

import (
	"fmt"
	"time"

	"detour/internal/flow"
)

// sinkholed is a name that leads to this machine, or nowhere.
func sinkholed() Rule {
	return Rule{
		Code:     "sinkholed",
		Level:    flow.LevelProblem,
		Meaning:  "The name of an AWS host resolves to an address that can't be AWS's: this machine's own, or none at all.",
		HowKnown: "Every address of the answer is unspecified (0.0.0.0, ::) or loopback.",
		WhatElse: "A line in the hosts file for a tunnel or a local stand-in that isn't running now.",
		Asks:     []flow.Ask{askNetworkTeam("Take %h off the DNS filter, or off the hosts file: %a can't be AWS's.")},
		Source:   "https://www.rfc-editor.org/rfc/rfc6890#section-2.2.2",
		match: func(f *flow.Flow, _ time.Time) bool {
			r := f.Conn.Resolution
			if !f.Final() || reached(f) || r == nil || r.Outcome != flow.DNSOK || len(r.Addrs) == 0 ||
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
				Title: fmt.Sprintf("%s: the name leads to this machine or nowhere: consistent with a blocklist", list(g.hosts(), "")),
				Because: g.distinct(func(f *flow.Flow) []string {
					r := f.Conn.Resolution
					from := string(r.Source)
					if r.Nameserver.IsValid() {
						from = r.Nameserver.String()
					}
					if r.Hosts != "" {
						from = r.Hosts
					}
					return []string{fmt.Sprintf("%s: %s says %s", hostOf(f), from, r.Addrs[0])}
				}),
				Confidence: flow.ConfidenceHigh,
				Alternatives: []string{
					"a line in the hosts file for a tunnel or a local stand-in of AWS that isn't running now",
					"a nameserver of a filter (DNS firewall, parental control, an ad blocker) that blocks the name",
				},
				Try: texts("dig "+g.hosts()[0], "grep "+g.hosts()[0]+" /etc/hosts", "detour probe --reference-resolver 1.1.1.1 "+g.hosts()[0]),
			}
		},
	}
}
