package diagnose

import (
	"fmt"
	"time"

	"detour/internal/diagnose/ending"
	"detour/internal/diagnose/flowset"
	"detour/internal/flow"
)

// callsPending are requests whose end isn't in the file.
func callsPending() Rule {
	return Rule{
		Code:     "calls-pending",
		Level:    flow.LevelNotice,
		tier:     tierAdvice,
		Meaning:  "Requests to AWS had no response yet when the file was saved, or the recording ended.",
		HowKnown: "The exporter's fields of a request in progress, or detour's own record.",
		WhatElse: "Calls that would have been answered a moment later.",
		Asks:     []flow.Ask{askEndpointUser("Save the file again after the page has given up: wait two minutes.")},
		Source:   "https://w3c.github.io/web-performance/specs/HAR/Overview.html",
		match: func(f *flow.Flow, _ time.Time) bool {
			return ending.Pending(f) && ending.Concerns(f) && f.Origin != flow.OriginTelemetry && f.Tunnel == nil &&
				(ending.FromHAR(f) || f.Elapsed(f.Times.Done) >= Patience) // a file may not say for how long
		},
		explain: func(g group) flow.Finding {
			when, again := "when the file was saved", "Save the HAR again once the page shows its errors, or after two minutes"
			asks := []flow.Ask{askEndpointUser("Save the file again after the page has given up: wait two minutes.")}
			if !g.Each(ending.FromHAR) {
				when, again = "when the recording ended", "Run detour again, and end it once the page shows its errors, or after two minutes"
				asks = []flow.Ask{askEndpointUser("Record it again, and end detour after the page has given up: wait two minutes.")}
			}
			return flow.Finding{
				Asks:  asks,
				Title: fmt.Sprintf("%s had no response %s: %s", counted(len(g.Set), "request"), when, g.HostList()),
				Because: append(g.Distinct(func(f *flow.Flow) []string {
					return []string{flowset.HostOf(f) + ": " + nameOf(f) + ", no response yet"}
				}), g.affected()...),
				Confidence:   flow.ConfidenceHigh,
				Alternatives: []string{"they may wait for addresses that don't respond, or may have been answered a moment later: the file can't tell"},
				Try: []flow.NextStep{
					step(again),
					shell("Or test the hosts on that machine", "detour probe "+joinHosts(g.Hosts())),
				},
			}
		},
	}
}
