package diagnose

import (
	"time"

	"detour/internal/diagnose/ending"
	"detour/internal/flow"
)

// networkUnstable is a request that the browser gave up because the machine's network became
// another one.
func networkUnstable() Rule {
	return Rule{
		Code:     "network-unstable",
		Level:    flow.LevelProblem,
		Meaning:  "The browser ended requests because the network of its machine changed, or the machine slept.",
		HowKnown: "The browser's own error.",
		WhatElse: "A VPN client that adds and removes addresses again and again.",
		Asks:     []flow.Ask{askEndpointUser("Reload the page. If it happens again, look for a VPN or Wi-Fi that reconnects.")},
		Source:   "https://source.chromium.org/chromium/chromium/src/+/main:net/base/net_error_list.h",
		match:    func(f *flow.Flow, _ time.Time) bool { return ending.Is(f, flow.KindNetworkChanged) },
		explain: func(g group) flow.Finding {
			return flow.Finding{
				Title:        g.HostList() + ": the network changed during the request: consistent with a VPN or Wi-Fi that reconnected",
				Because:      g.endings(),
				Confidence:   flow.ConfidenceMedium,
				Alternatives: []string{"the machine slept", "a virtual interface (a container, a VPN client) that comes and goes"},
				Try:          []flow.NextStep{step("Reload the page once the network is stable")},
			}
		},
	}
}
