package diagnose

import (
	"fmt"
	"time"

	"detour/internal/diagnose/ending"
	"detour/internal/flow"
)

// connectRefused is an RST in response to the SYN.
func connectRefused() Rule {
	return Rule{
		Code:     "connect-refused",
		Level:    flow.LevelProblem,
		connects: true,
		Meaning:  "Every address of an AWS host refuses the TCP connect.",
		HowKnown: "Every connect was reset, or the browser's own error. A security group or network ACL never refuses: both drop.",
		WhatElse: "Private addresses: a stale record in a private hosted zone, or a local network that overlaps with the VPC's. " +
			"Otherwise: a firewall that rejects connections.",
		Asks:   []flow.Ask{askNetworkTeam("Find what resets connections from %f to %h (%a), TCP port %t, and allow them.")},
		Source: "https://docs.aws.amazon.com/vpn/latest/clientvpn-admin/split-tunnel-vpn.html",
		match: func(f *flow.Flow, _ time.Time) bool {
			return !ending.Reached(f) && ending.All(f.Conn, flow.DialRefused) || ending.Is(f, flow.KindRefused)
		},
		explain: func(g group) flow.Finding {
			f := flow.Finding{
				Title: fmt.Sprintf("%s: connection refused: consistent with an address that has no endpoint, "+
					"or a firewall that rejects", g.HostList()),
				Because: append(append(g.rejected(), g.Distinct(onLocalNetwork)...), append(g.Distinct(fromHostsFile),
					append(g.affected(), append(g.consoleWorks(), g.othersWork()...)...)...)...),
				Confidence: flow.ConfidenceMedium,
				Alternatives: []string{
					"a firewall that rejects instead of dropping: the reset then arrives faster than a round trip to the VPC",
					"a local network with the same addresses as the VPC",
					"a record in a private hosted zone that outlived its endpoint",
				},
				Try: append([]flow.NextStep{g.LookUp("Query DNS for the name")}, g.Route()...),
			}
			if len(g.Addresses()) == 0 { // as in a HAR
				f.Alternatives = append(f.Alternatives, "a DNS filter that returns 0.0.0.0 or "+
					"127.0.0.1 for the name: a machine refuses connects to itself at once")
				f.Try = g.directSteps()
			}
			g.ThroughProxy(&f)
			return f
		},
	}
}

// onLocalNetwork is an address in a VPC's range that is in this machine's own network.
func onLocalNetwork(f *flow.Flow) (out []string) {
	for _, a := range f.Conn.Attempts {
		to, from := a.Addr.Addr(), a.Local.Addr()
		if !from.IsValid() || !to.Is4() || !from.Is4() || to == from {
			continue
		}
		if near, err := from.Prefix(24); err == nil && near.Contains(to) && flow.ScopeOf(to).InVPC() {
			out = append(out, fmt.Sprintf("%s is in the same network as this machine's own %s: "+
				"the local network overlaps with the VPC's", to, from))
		}
	}
	return out
}
