package diagnose

import (
	"fmt"
	"time"

	"detour/internal/diagnose/ending"
	"detour/internal/diagnose/flowset"
	"detour/internal/flow"
)

// connectTimeout is a connect without a response, and not to private addresses only.
func connectTimeout() Rule {
	return Rule{
		Code:     "connect-timeout",
		Level:    flow.LevelProblem,
		connects: true,
		Meaning:  "No address of an AWS host responds to a TCP connect.",
		HowKnown: "Every connect timed out or is still pending after 3 seconds, and at least one address is public.",
		WhatElse: "A network without internet access, a firewall that drops packets, a mandatory corporate proxy.",
		Asks:     []flow.Ask{askNetworkTeam("Allow %f to reach %h (%a) on TCP port %t, and allow the responses back.")},
		Concepts: []string{conceptSecurityGroup},
		Source:   "https://docs.aws.amazon.com/awsconsolehelpdocs/latest/gsg/console-private-access.html",
		match: func(f *flow.Flow, now time.Time) bool {
			return ending.Unanswered(f.Conn, now) || ending.Is(f, flow.KindTimeout)
		},
		explain: func(g group) flow.Finding {
			f := flow.Finding{
				Title:      fmt.Sprintf("%s: no address responds: consistent with a firewall that blocks outbound connections", g.HostList()),
				Because:    append(g.waits(), append(g.rejected(), g.affected()...)...),
				Confidence: flow.ConfidenceMedium,
				Alternatives: []string{
					"a network that reaches AWS through interface endpoints only, and has none for this service",
					"public addresses are reachable only through a corporate proxy",
				},
				Try: append([]flow.NextStep{g.LookUp("Query DNS for the name")}, g.Connect("Connect without detour on "+g.Machine())...),
			}
			if public, private, _ := g.around(); len(private) > 0 && len(public) == 0 {
				f.Title = fmt.Sprintf("%s: public addresses don't respond while private ones do: "+
					"consistent with a network without internet access that has no interface endpoint for this service", g.HostList())
				f.Alternatives = append(f.Alternatives,
					"there is an endpoint, but its private DNS is disabled: the name then resolves to public addresses")
			}
			if g.Each(benchmarkOnly) {
				f.Title = fmt.Sprintf("%s: no address responds: consistent with a VPN, zero-trust or proxy client on %s that makes up "+
					"these addresses, and doesn't pass the connections on", g.HostList(), g.Machine())
				f.Alternatives = append(f.Alternatives, "a firewall that blocks outbound connections")
			} else {
				f.Alternatives = append(f.Alternatives, g.madeUp()...)
			}
			if len(g.Addresses()) == 0 { // as in a HAR
				f.Because = append(g.endings(), g.affected()...)
				f.Try = g.directSteps()
			}
			f.Because = append(f.Because, g.Distinct(outsideAWS)...)
			f.Because = append(f.Because, g.Distinct(fromHostsFile)...)
			f.Because = append(f.Because, g.othersWork()...)
			g.ThroughProxy(&f)
			return f
		},
	}
}

// outsideAWS is an address that looks public and isn't one of AWS's.
func outsideAWS(f *flow.Flow) []string {
	if f.Conn.Resolution == nil || !f.Conn.Resolution.OutsideAWS() {
		return nil
	}
	return []string{fmt.Sprintf("the addresses of %s aren't in AWS's published ranges: a VPC can use addresses that look public",
		flowset.HostOf(f))}
}
