package diagnose

import (
	"fmt"

	"detour/internal/diagnose/ending"
	"detour/internal/flow"
	"detour/internal/wording"
)

const pageMeasuredTimeoutsCode = "page-measured-timeouts"

// pageMeasuredTimeouts is a page's own telemetry that reports connect timeouts.
func pageMeasuredTimeouts() Rule {
	return Rule{
		Code:    pageMeasuredTimeoutsCode,
		Level:   flow.LevelNotice,
		tier:    tierAnswer,
		Meaning: "A console page reports that a call took as long as an operating system's connect timeout.",
		HowKnown: "The duration in the page's own telemetry is the connect timeout of Windows (21 s), macOS (75 s) or Linux (127 s), " +
			"or a multiple of it.",
		WhatElse: "A call that really takes that long.",
		Asks: []flow.Ask{
			askEndpointUser("Run detour on that machine and open the same page: it shows where the calls fail."),
			askAccountOwner(ifPrivate),
		},
		Source: "https://www.rfc-editor.org/rfc/rfc6298#section-5.5",
		match: ofAnswers(func(f *flow.Flow) bool {
			_, _, ok := ending.GiveUpOf(f.AWS.Measured)
			return f.Origin == flow.OriginTelemetry && ok
		}),
		explain: func(g group) flow.Finding {
			return flow.Finding{
				Title: fmt.Sprintf("%s: took as long as a connect timeout, according to the page: consistent with addresses that don't respond",
					list(g.Calls(), "calls")),
				Because: g.Distinct(func(f *flow.Flow) []string {
					system, n, _ := ending.GiveUpOf(f.AWS.Measured)
					return []string{fmt.Sprintf("%s took %s according to the page, %s", clean(f.AWS.Operation), wording.Duration(f.AWS.Measured),
						ending.GiveUpText(n, system))}
				}),
				Confidence:   flow.ConfidenceLow,
				Alternatives: []string{"a call that really took that long"},
				Try:          []flow.NextStep{shell("On that machine, open the same page through detour to see each connect", "detour run")},
			}
		},
	}
}
