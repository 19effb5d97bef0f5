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
		Concepts: []string{conceptPreflight},
		Source:   "https://developer.chrome.com/blog/local-network-access",
		match: func(f *flow.Flow, _ time.Time) bool {
			return f.Failure != nil && f.Failure.Kind == flow.KindLocalNetworkAccess
		},
		explain: func(g group) flow.Finding {
			console := g.consoleWorks() // a public page, while the call to the private address fails
			return flow.Finding{
				Title: fmt.Sprintf("%s: blocked by the browser (Local Network Access): consistent with a call to a private address from a public page",
					g.HostList()),
				Because:    append(g.endings(), console...),
				Confidence: sure(true, len(console) > 0),
				Alternatives: []string{
					"an administrator's policy of the browser that forbids such calls",
					"an address that a program on " + g.Machine() + " made up, or that DNS returns by mistake: the service's own is public",
				},
				Try: append(localNetworkSteps(),
					step("Then test without detour: through detour the browser connects to loopback, and makes no such check"),
					shell("Check on "+g.Machine()+" whether the addresses respond at all, which the browser's error doesn't say",
						"detour probe "+joinHosts(g.Hosts()))),
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
