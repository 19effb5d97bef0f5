package diagnose

import (
	"time"

	"detour/internal/flow"
	"detour/internal/wording"
)

// fileOmitsFailures is the caveat of a HAR whose exporter leaves failed requests out.
func fileOmitsFailures() Rule {
	return informational(Rule{
		Code:    "file-omits-failures",
		Meaning: "The program that wrote the HAR leaves out every request that failed: the file can't show a failure.",
		HowKnown: "The creator is WebKit's Web Inspector, which is Safari's. Its exporter writes finished requests only, without " +
			"preflights, WebSockets and redirects.",
		WhatElse: "Nothing may be wrong.",
		Asks:     []flow.Ask{askEndpointUser("Save the HAR in Chrome, Edge or Firefox, or run detour on that machine.")},
		Source:   "https://github.com/WebKit/WebKit/blob/main/Source/WebInspectorUI/UserInterface/Controllers/HARBuilder.js",
		match:    func(f *flow.Flow, _ time.Time) bool { return f.Exporter.OmitsFailed() },
		explain: func(g group) flow.Finding {
			f := flow.Finding{
				Title: "this HAR can't show a failed request: the program that wrote it leaves them out",
				Because: []string{wording.Count(len(g.Set), "request") +
					" written by WebKit's Web Inspector, which is Safari's: finished ones only"},
				Confidence: flow.ConfidenceHigh,
				Alternatives: []string{
					"no request failed: the file looks the same",
				},
				Try: []flow.NextStep{
					step("Save the HAR in Chrome, Edge or Firefox instead"),
					shell("Or open the same page through detour on that machine", "detour run"),
				},
			}
			return f
		},
	})
}
