package diagnose

import (
	"fmt"
	"time"

	"detour/internal/diagnose/ending"
	"detour/internal/diagnose/flowset"
	"detour/internal/flow"
	"detour/internal/wording"
)

// idleTimeout is how long load balancers and NAT gateways keep an idle connection
// (docs.aws.amazon.com/elasticloadbalancing/latest/network/update-idle-timeout.html).
const idleTimeout = 350 * time.Second

func idleConnectionLost() Rule {
	return Rule{
		Code:     "idle-connection-lost",
		Level:    flow.LevelNotice,
		Meaning:  "A request failed because the reused connection it was sent on no longer existed.",
		HowKnown: "The connection was older than 350 seconds, had carried other requests, and the server's side had closed it.",
		WhatElse: "A server that was replaced.",
		Asks:     []flow.Ask{askNetworkTeam("Keep idle connections to %h open for longer, or reset them instead of dropping them silently.")},
		Source:   "https://docs.aws.amazon.com/elasticloadbalancing/latest/network/update-idle-timeout.html",
		match: func(f *flow.Flow, _ time.Time) bool {
			return ending.Known(f) && f.Reused && f.Failure != nil && f.Conn != nil && f.Times.Start.Sub(f.Conn.Start) > idleTimeout &&
				(f.Failure.Stage == flow.StageSend || f.Failure.Stage == flow.StageWait)
		},
		explain: func(g group) flow.Finding {
			return flow.Finding{
				Title: fmt.Sprintf("%s: a reused connection was lost: consistent with a device on the path that drops idle connections", g.HostList()),
				Because: g.Distinct(func(f *flow.Flow) []string {
					return []string{fmt.Sprintf("%s: connected %s earlier, then %s", flowset.HostOf(f), wording.Running(f.Times.Start.Sub(f.Conn.Start)),
						clean(f.Failure.Message))}
				}),
				Confidence:   flow.ConfidenceLow,
				Alternatives: []string{"a VPN that reconnected with another address in the meantime"},
				Try:          []flow.NextStep{step("Repeat the action: it then uses a new connection, and works")},
			}
		},
	}
}
