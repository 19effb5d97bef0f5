package diagnose

import (
	"fmt"
	"time"

	"detour/internal/flow"
)

// sixDead is a host whose IPv4 answers, and whose IPv6 doesn't.
func sixDead() Rule {
	return Rule{
		Code:     "ipv6-unanswered",
		Level:    flow.LevelProblem,
		lasting:  true,
		Meaning:  "A dual-stack AWS host answers by IPv4, and by none of its IPv6 addresses.",
		HowKnown: "An IPv4 connect was accepted, while every IPv6 connect was refused, timed out or had waited for 3 seconds.",
		WhatElse: "A network that gives addresses of IPv6 and no way out; a security group or firewall that knows IPv4 alone.",
		Asks:     []flow.Ask{askNetworkTeam("Let %f reach every address of %h (%a), TCP port 443, or have DNS leave out those that can't be reached.")},
		Source:   "https://www.rfc-editor.org/rfc/rfc8305#section-5",
		match: func(f *flow.Flow, now time.Time) bool {
			w := f.Conn.Winner()
			if w == nil || f.Reused || !w.Addr.Addr().Is4() {
				return false
			}
			dead := deadOf(f, now)
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
				Title: fmt.Sprintf("%s: IPv4 answers and IPv6 doesn't: consistent with a network whose IPv6 leads nowhere", list(g.hosts(), "")),
				Because: append(g.distinct(func(f *flow.Flow) []string { return deadLines(f, g.now) }),
					"a client that tries addresses one after another waits for IPv6 first; one that races them (RFC 8305) loses a quarter of a second"),
				Confidence: flow.ConfidenceMedium,
				Alternatives: []string{
					"a security group or firewall with rules for IPv4 alone",
					"a tunnel (VPN) that carries IPv4 alone while the names have both",
				},
				Try: texts("detour probe --tries 3 "+g.hosts()[0], "curl -6 -v --connect-timeout 5 https://"+g.hosts()[0]+"/"),
			}
		},
	}
}

// idleTimeout is how long load balancers and NAT on the way keep an idle connection
// (docs.aws.amazon.com/elasticloadbalancing/latest/network/update-idle-timeout.html).
const idleTimeout = 350 * time.Second

// idleReset is a connection that was kept for longer than what is on its way keeps it.
func idleReset() Rule {
	return Rule{
		Code:     "idle-connection-lost",
		Level:    flow.LevelNotice,
		Meaning:  "A request on a connection that was kept open ended with it.",
		HowKnown: "The connection was older than 350 seconds and had carried other requests, and the server's side of it was gone.",
		WhatElse: "A server that was replaced.",
		Asks:     []flow.Ask{askNetworkTeam("Keep idle connections to %h for longer than it is now, or reset them rather than forget them.")},
		Source:   "https://docs.aws.amazon.com/elasticloadbalancing/latest/network/update-idle-timeout.html",
		match: func(f *flow.Flow, _ time.Time) bool {
			return f.Final() && f.Reused && f.Failure != nil && f.Conn != nil && f.Times.Start.Sub(f.Conn.Start) > idleTimeout &&
				(f.Failure.Stage == flow.StageSend || f.Failure.Stage == flow.StageWait)
		},
		explain: func(g group) flow.Finding {
			return flow.Finding{
				Title: fmt.Sprintf("%s: a connection that was kept is gone: consistent with something on the way that forgets idle ones", list(g.hosts(), "")),
				Because: g.distinct(func(f *flow.Flow) []string {
					return []string{fmt.Sprintf("%s: connected %.0f s before, then %s", hostOf(f), f.Times.Start.Sub(f.Conn.Start).Seconds(), clean(f.Failure.Message))}
				}),
				Confidence:   flow.ConfidenceLow,
				Alternatives: []string{"a VPN that was up again under another address meanwhile"},
				Try:          texts("the same again: on a new connection it works then"),
			}
		},
	}
}
