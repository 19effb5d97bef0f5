package diagnose

import (
	"fmt"
	"time"

	"detour/internal/diagnose/ending"
	"detour/internal/flow"
)

// connectUnreachable is a connect that the network itself rejected.
func connectUnreachable() Rule {
	return Rule{
		Code:     "connect-unreachable",
		Level:    flow.LevelProblem,
		connects: true,
		Meaning:  "There is no route to any address of an AWS host.",
		HowKnown: "Every connect failed at once: no route, ICMP unreachable, or a policy on the machine.",
		WhatElse: "A VPN that just disconnected, a split tunnel without the VPC's prefix, a firewall that rejects with ICMP.",
		Asks:     []flow.Ask{askNetworkTeam("Add a route from %f to %h (%a).")},
		Source:   "https://docs.aws.amazon.com/vpn/latest/clientvpn-admin/split-tunnel-vpn.html",
		match: func(f *flow.Flow, _ time.Time) bool {
			return !ending.Reached(f) && ending.All(f.Conn, flow.DialUnreachable) || ending.Is(f, flow.KindUnreachable, flow.KindNetworkDenied)
		},
		explain: func(g group) flow.Finding {
			f := flow.Finding{
				Title: fmt.Sprintf("%s: no route to the address: consistent with a missing route, as in a split tunnel, "+
					"or a VPN that is down", g.HostList()),
				Because:    append(g.rejected(), append(g.affected(), append(g.consoleWorks(), g.othersWork()...)...)...),
				Confidence: flow.ConfidenceMedium,
				Alternatives: []string{
					"a VPN that just disconnected: its interface no longer exists",
					"a firewall that rejects with ICMP: over IPv4 this looks like a missing route, so check the firewall's log",
				},
				Try: g.Route(),
			}
			if len(g.Addresses()) == 0 { // as in a HAR
				f.Try = g.directSteps()
			}
			if g.Each(func(f *flow.Flow) bool { return ending.Kind(f) == flow.KindNetworkDenied }) {
				f.Title = g.HostList() + ": " + g.Machine() + " forbids the connection: consistent with a firewall or security software on it"
			}
			g.ThroughProxy(&f)
			return f
		},
	}
}
