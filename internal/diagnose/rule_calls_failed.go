package diagnose

import (
	"fmt"
	"slices"
	"time"

	"detour/internal/diagnose/ending"
	"detour/internal/flow"
	"detour/internal/wording"
)

// callsFailed takes what no other rule claims, so that a failure is never passed over in
// silence.
func callsFailed() Rule {
	return Rule{
		Code:     "calls-failed",
		Level:    flow.LevelProblem,
		Meaning:  "Requests to AWS failed, and no other rule knows why.",
		HowKnown: "They have no HTTP status, aren't telemetry, and weren't merely cancelled within 3 seconds.",
		WhatElse: "Anything: the finding says what the record shows, and what it can't show.",
		Asks:     []flow.Ask{askEndpointUser("Run detour on that machine and open the same page: it shows where the requests to %h fail.")},
		Source:   "https://source.chromium.org/chromium/chromium/src/+/main:net/base/net_error_list.h",
		match:    func(f *flow.Flow, now time.Time) bool { return ending.Failed(f) && !partlyAnswered(f, now) },
		explain: func(g group) flow.Finding {
			f := flow.Finding{
				Title: fmt.Sprintf("%s: %s failed, and the record doesn't say enough to name a cause", g.HostList(),
					counted(len(g.Set), "request")),
				Because:    append(g.endings(), g.affected()...),
				Confidence: flow.ConfidenceLow,
				Try:        g.retrySteps(),
			}
			if g.Each(ending.GaveUp) {
				f.Title = fmt.Sprintf("%s: the client gave up %s after %s without a response, and the record doesn't show what it waited for",
					g.HostList(), counted(len(g.Set), "request"), g.waited())
			}
			f.Because = append(f.Because, g.consoleWorks()...)
			if g.Each(ending.FromHAR) {
				f.Because = append(f.Because, "a HAR has no address and no TCP or TLS result of a request that failed: it can't show where it failed")
				f.Alternatives = unknownEndings()
			}
			return f
		},
	}
}

// waited is how long the group's requests went on: "4.0 s", or "3.5 to 12.0 s".
func (g group) waited() string {
	took := make([]time.Duration, len(g.Set))
	for i, f := range g.Set {
		took[i] = f.Elapsed(g.now)
	}
	shortest, longest := wording.Duration(slices.Min(took)), wording.Duration(slices.Max(took))
	if shortest == longest {
		return longest
	}
	return shortest + " to " + longest
}
