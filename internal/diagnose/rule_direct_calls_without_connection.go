package diagnose

import (
	"fmt"
	"time"

	"detour/internal/diagnose/ending"
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
		Concepts: []string{conceptPreflight},
		Source:   "https://firefox-source-docs.mozilla.org/devtools-user/network_monitor/index.html",
		match: func(f *flow.Flow, _ time.Time) bool {
			return ending.FromHAR(f) && direct(f) &&
				ending.Is(f, flow.KindNoConnection, flow.KindConnectFailed, flow.KindTLSSilent, flow.KindTLSCut, flow.KindNoResponse)
		},
		explain: func(g group) flow.Finding {
			while := ""
			if g.all.answeredConsole > 0 {
				while = " while the console's own calls work"
			}
			f := flow.Finding{
				Title: fmt.Sprintf("direct-endpoint calls to %s get no connection or no response%s, and the HAR doesn't say why",
					g.ServiceList(), while),
				Because: append(append(g.endings(), g.affected()...),
					append(append(g.consoleWorks(), whatFirefoxLeavesOut), g.witnesses()...)...),
				Confidence:   flow.ConfidenceMedium,
				Alternatives: unknownEndings(),
				Try:          g.directSteps(),
			}
			if g.Each(connectedOnly) {
				f.Title = fmt.Sprintf("direct-endpoint calls to %s connect, but their TLS handshakes don't complete%s, and the HAR doesn't say why",
					g.ServiceList(), while)
				f.Because = append(append(g.endings(), g.affected()...), append(g.consoleWorks(), g.witnesses()...)...)
				f.Alternatives = []string{
					"a path that drops large packets (MTU)",
					"a firewall or filter that reads the name in the TLS handshake (SNI), and drops or resets the connection",
					"a server at that address that isn't AWS's, or doesn't speak TLS",
				}
			}
			return f
		},
	}
}

// connectedOnly reports whether a request had a connection and no TLS on it, or was never sent
// because that is how its preflight ended.
func connectedOnly(f *flow.Flow) bool {
	switch ending.Kind(f) { //nolint:exhaustive // no others say so
	case flow.KindTLSSilent, flow.KindTLSCut, flow.KindNeverSent:
		return true
	}
	return false
}
