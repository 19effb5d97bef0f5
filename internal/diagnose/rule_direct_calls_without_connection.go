package diagnose

import (
	"fmt"
	"time"

	"detour/internal/flow"
)

// directCallsWithoutConnection is what Firefox's HAR has of a direct call that failed on the
// way: neither why, nor where, nor when.
func directCallsWithoutConnection() Rule {
	return Rule{
		Code:    "direct-calls-without-connection",
		Level:   flow.LevelProblem,
		Meaning: "In a HAR, direct-endpoint calls failed without a connection or an answer, and the file doesn't say why.",
		HowKnown: "The exporter's fields of a request that failed on the way, without an error, an address or a duration, as " +
			"Firefox writes it.",
		WhatElse: "Silence, a refusal, a missing route, a name that doesn't resolve and the browser's own refusal look the same in such a file.",
		Asks: []flow.Ask{
			askEndpointUser(runThere),
		},
		Source: "https://firefox-source-docs.mozilla.org/devtools-user/network_monitor/index.html",
		match: func(f *flow.Flow, _ time.Time) bool {
			return fromHAR(f) && direct(f) &&
				isKind(f, flow.KindNoConnection, flow.KindConnectFailed, flow.KindTLSSilent, flow.KindTLSCut, flow.KindNoResponse)
		},
		explain: func(g group) flow.Finding {
			while := ""
			if g.all.answeredConsole > 0 {
				while = " while the console's own calls work"
			}
			return flow.Finding{
				Title: fmt.Sprintf("direct-endpoint calls to %s get no connection or no answer%s, and the HAR doesn't say why",
					g.serviceList(), while),
				Because: append(append(g.endings(), g.affected()...),
					append(append(g.consoleWorks(), whatFirefoxLeavesOut), g.witnesses()...)...),
				Confidence:   flow.ConfidenceMedium,
				Alternatives: unknownEndings(),
				Try:          g.directSteps(),
			}
		},
	}
}
