package diagnose

import (
	"fmt"
	"time"

	"detour/internal/diagnose/flowset"
	"detour/internal/flow"
)

func ipv6Unanswered() Rule {
	return Rule{
		Code:     "ipv6-unanswered",
		Level:    flow.LevelProblem,
		connects: true,
		lasting:  true,
		Meaning:  "A dual-stack AWS host responds over IPv4, but not at any of its IPv6 addresses.",
		HowKnown: "An IPv4 connect was accepted, while every IPv6 connect was refused, timed out or was still pending after 3 seconds.",
		WhatElse: "A network that assigns IPv6 addresses but doesn't route them; a security group or firewall with IPv4 rules only.",
		Asks:     []flow.Ask{askNetworkTeam(reachAll)},
		Source:   "https://www.rfc-editor.org/rfc/rfc8305#section-5",
		match: func(f *flow.Flow, now time.Time) bool {
			w := f.Conn.Winner()
			if w == nil || f.Reused || !w.Addr.Addr().Is4() {
				return false
			}
			dead := deadAttempts(f, now)
			for _, a := range dead {
				if a.Addr.Addr().Is4() {
					return false
				}
			}
			six := 0
			for _, a := range f.Conn.Attempts {
				if a.Addr.Addr().Is6() {
					six++
				}
			}
			return six > 0 && len(dead) == six
		},
		explain: func(g group) flow.Finding {
			return flow.Finding{
				Title: fmt.Sprintf("%s: IPv4 responds and IPv6 doesn't: consistent with a network that doesn't route IPv6", g.HostList()),
				Because: append(g.Ranges(func(f *flow.Flow) []flowset.Measured { return deadAndAlive(f, g.now) }),
					"a client that tries addresses one by one waits for IPv6 first; a client that races them (RFC 8305) loses a quarter of a second"),
				Confidence: flow.ConfidenceMedium,
				Alternatives: []string{
					"a security group or firewall with IPv4 rules only",
					"a VPN tunnel that carries IPv4 only, while the names have both",
				},
				Try: append([]flow.NextStep{shell("Try every address three times", "detour probe --tries 3 "+g.Host())},
					g.Curl("Connect over IPv6 without detour", "-6 -v --connect-timeout 5")...),
			}
		},
	}
}
