package diagnose

import (
	"fmt"
	"time"

	"detour/internal/diagnose/flowset"
	"detour/internal/diagnose/nextstep"
	"detour/internal/flow"
)

func systemResolverDiffers() Rule {
	return informational(Rule{
		Code:     "system-resolver-differs",
		Meaning:  "The system's resolver returned an address that its nameserver doesn't.",
		HowKnown: "detour also queried the nameserver directly.",
		WhatElse: "The system's DNS cache; a nameserver that a VPN sets for this domain only.",
		Asks:     []flow.Ask{askNetworkTeam(sameAnswer)},
		Source:   "https://developer.apple.com/library/archive/documentation/Networking/Conceptual/SystemConfigFrameworks/",
		match: func(f *flow.Flow, _ time.Time) bool {
			return f.Conn.Resolution != nil && f.Conn.Resolution.Explained() == flow.ExplainedDifferent
		},
		explain: func(g group) flow.Finding {
			return flow.Finding{
				Title: fmt.Sprintf("%s: the system's resolver and its nameserver return different addresses", g.HostList()),
				Because: g.Distinct(func(f *flow.Flow) []string {
					r := f.Conn.Resolution
					return []string{fmt.Sprintf("%s: the system returns %s, %s returns %s",
						flowset.HostOf(f), answer(r.Outcome, r.Addrs), clean(r.Wire.Nameserver), answer(r.Wire.Outcome, r.Wire.Addrs))}
				}),
				Confidence:   flow.ConfidenceMedium,
				Alternatives: []string{"the hosts file", "a nameserver that a VPN sets for this domain only", "a cached answer"},
				Try: g.System.Steps("Show which nameserver is used for which domain", nextstep.Forms{
					Linux: "resolvectl status", MacOS: "scutil --dns",
					Windows: "Get-DnsClientNrptPolicy; ipconfig /displaydns", PowerShell: true,
				}),
			}
		},
	})
}
