package diagnose

import (
	"cmp"
	"fmt"
	"time"

	"detour/internal/flow"
)

// partlyDead is a host that answers, but not at each of its addresses.
func partlyDead() Rule {
	return Rule{
		Code:     "address-unanswered",
		Level:    flow.LevelProblem,
		Meaning:  "An AWS host answers at some of its addresses, and at others nothing answers a TCP connect.",
		HowKnown: "One connect was accepted while another ended in a timeout, or had waited for 3 seconds.",
		WhatElse: "A network ACL or a route of one subnet, an endpoint's network interface that is gone while its record stayed, one of two tunnels that is down.",
		Asks:     []flow.Ask{askNetworkTeam("Let %f reach every address of %h (%a), TCP port 443, or have DNS leave out those that can't be reached.")},
		Source:   "https://docs.aws.amazon.com/vpc/latest/privatelink/interface-endpoints.html",
		lasting:  true,
		match: func(f *flow.Flow, now time.Time) bool {
			return f.Conn.Winner() != nil && !f.Reused && len(deadOf(f, now)) > 0
		},
		explain: func(g group) flow.Finding {
			return flow.Finding{
				Title: fmt.Sprintf("%s: some addresses answer and others don't: consistent with one subnet's network ACL or route", list(g.hosts(), "")),
				Because: append(g.distinct(func(f *flow.Flow) []string {
					return deadLines(f, g.now)
				}), "a client that tries addresses one after another waits at the dead one; one that races them (RFC 8305) loses a quarter of a second"),
				Confidence: flow.ConfidenceMedium,
				Alternatives: []string{
					"the endpoint's interface in that availability zone is gone, and its DNS record isn't yet",
					"one of two VPN tunnels or virtual interfaces is down, and the route back is by the other",
				},
				Try: texts("detour probe --tries 3 " + g.hosts()[0]),
			}
		},
	}
}

// deadLines say which addresses of a flow's host are dead, and which one isn't.
func deadLines(f *flow.Flow, now time.Time) (out []string) {
	for _, a := range deadOf(f, now) {
		out = append(out, fmt.Sprintf("%s at %s: %s after %.1f s", hostOf(f), a.Addr.Addr(), cmp.Or(a.Outcome, "no answer"), a.Elapsed(now).Seconds()))
	}
	w := f.Conn.Winner()
	return append(out, fmt.Sprintf("%s at %s: connected in %.1f ms", hostOf(f), w.Addr.Addr(), flow.MS(w.Took)))
}

// deadOf are the attempts that came to nothing of themselves. That there is no way
// to a public address is a matter of its family: machines without IPv6 are many.
func deadOf(f *flow.Flow, now time.Time) (out []flow.DialAttempt) {
	for _, a := range f.Conn.Attempts {
		switch {
		case a.Unanswered(now, Patience), a.Outcome == flow.DialRefused,
			a.Outcome == flow.DialUnreachable && flow.ScopeOf(a.Addr.Addr()).InVPC():
			out = append(out, a)
		}
	}
	return out
}
