package diagnose

import (
	"fmt"
	"time"

	"detour/internal/diagnose/flowset"
	"detour/internal/diagnose/timeline"
	"detour/internal/flow"
)

// callMissing is a call that a page measured and its HAR doesn't have.
func callMissing() Rule {
	return informational(Rule{
		Code:    "measured-call-missing",
		Meaning: "The page reports how long a call took, and the file doesn't have the call: it may have failed.",
		HowKnown: "The page's own timing beacon names an operation that took 3 seconds or longer, and the file has no request for it. " +
			"The exporter leaves out requests that failed or hadn't ended.",
		WhatElse: "A call that was made before the recording began.",
		Asks:     []flow.Ask{askEndpointUser("Run detour on that machine and open the same page: it shows where the call fails.")},
		Concepts: []string{conceptPreflight},
		Source:   "https://github.com/WebKit/WebKit/blob/main/Source/WebInspectorUI/UserInterface/Controllers/HARBuilder.js",
		match:    func(*flow.Flow, time.Time) bool { return false },
		among: func(f *flow.Flow, _ time.Time, o *overview) bool {
			return f.Exporter.OmitsPending() && len(missing(f, o)) > 0
		},
		explain: func(g group) flow.Finding {
			var names []string
			facts := g.Ranges(func(f *flow.Flow) (out []flowset.Measured) {
				for _, m := range missing(f, &g.all) {
					names = append(names, clean(m.Name))
					out = append(out, flowset.Took(clean(m.Name)+" took ", " according to the page, and the file has no such request", m.Took))
				}
				return out
			})
			return flow.Finding{
				Title: fmt.Sprintf("%s: measured by the page and missing in the file: consistent with a call that failed",
					list(distinctWords(names), "a call")),
				Because:      facts,
				Confidence:   flow.ConfidenceLow,
				Alternatives: []string{"the call began before the recording, or the page counts several requests as one call"},
				Try: []flow.NextStep{
					shell("To see the call, open the same page through detour on that machine", "detour run"),
				},
			}
		},
	})
}

// missing are the calls that a beacon reports as slow and that aren't among the flows.
func missing(f *flow.Flow, o *overview) (out []flow.Measure) {
	if f.Origin != flow.OriginTelemetry {
		return nil
	}
	for _, m := range timeline.Measures(f) {
		if m.Took >= Patience && m.Name != "" && !o.operations[m.Name] {
			out = append(out, m)
		}
	}
	return out
}
