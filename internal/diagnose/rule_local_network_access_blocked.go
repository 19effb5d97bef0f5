package diagnose

import (
	"fmt"
	"time"

	"detour/internal/flow"
)

func localNetworkAccessBlocked() Rule {
	return Rule{
		Code:     "local-network-access-blocked",
		Level:    flow.LevelProblem,
		Meaning:  "The browser blocked a call from a public page to a private address (Local Network Access).",
		HowKnown: "The browser's own error.",
		WhatElse: "None: the error is specific. It doesn't show whether the address would respond.",
		Asks:     []flow.Ask{askEndpointUser(allowLocalNetwork)},
		Source:   "https://developer.chrome.com/blog/local-network-access",
		match: func(f *flow.Flow, _ time.Time) bool {
			return f.Failure != nil && f.Failure.Kind == flow.KindLocalNetworkAccess
		},
		explain: func(g group) flow.Finding {
			return flow.Finding{
				Title: fmt.Sprintf("%s: blocked by the browser (Local Network Access): a call to a private address, and the page is public",
					g.hostList()),
				Because:    g.endings(),
				Confidence: flow.ConfidenceHigh,
				Try: append(localNetworkSteps(),
					step("Then test without detour: through detour the browser connects to loopback, and makes no such check"),
					shell("Check on "+g.machine()+" whether the addresses respond at all, which the browser's error doesn't say",
						"detour probe "+joinHosts(g.hosts()))),
			}
		},
	}
}

const allowLocalNetwork = "Allow local network access for the console's site in the browser."

// localNetworkSteps are how a browser is allowed to call private addresses.
func localNetworkSteps() []flow.NextStep {
	return []flow.NextStep{
		step("Allow local network access for the console's site when the browser asks, or in its site settings"),
		step("Or set the policy LocalNetworkAccessAllowedForUrls to https://[*.]console.aws.amazon.com (Chrome and Edge)"),
	}
}
