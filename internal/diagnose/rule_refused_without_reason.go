package diagnose

import (
	"fmt"

	"detour/internal/flow"
)

// refusedWithoutReason is a 401 or 403 whose record has no error code, as in a HAR that was
// exported without contents.
func refusedWithoutReason() Rule {
	return Rule{
		Code:     "refused-without-reason",
		Level:    flow.LevelProblem,
		tier:     tierAnswer,
		Meaning:  "A direct-endpoint call was refused, and the record has neither an error code nor a field that says who refused it.",
		HowKnown: "Status 401 or 403 without an error code. With a request ID, AWS refused it, and the level is notice.",
		WhatElse: "A missing permission; or a proxy or firewall that responds itself.",
		Asks:     []flow.Ask{askEndpointUser("Repeat the call through detour: it records the fields and the error code of the response.")},
		Source:   "https://www.rfc-editor.org/rfc/rfc9110#section-15.5.4",
		match: ofAnswers(func(f *flow.Flow) bool {
			return direct(f) && code(f) == "" && (status(f) == 401 || status(f) == 403)
		}),
		explain: func(g group) flow.Finding {
			f := flow.Finding{
				Title: fmt.Sprintf("%s: refused, and the record doesn't have the reason: consistent with a missing permission, "+
					"or with a proxy or firewall that responds itself", g.CallList()),
				Because:    append(g.refusals(), g.consoleWorks()...),
				Confidence: flow.ConfidenceLow,
				Alternatives: []string{
					"a file that was exported without header fields or contents: the reason was in them",
				},
				Try: []flow.NextStep{
					shell("On "+g.Machine()+", open the same page through detour, which records the response", "detour run"),
					shell("See there who answers at the host", "detour probe "+g.Host()),
				},
			}
			if g.Each(func(f *flow.Flow) bool { return f.AWS.RequestID != "" }) {
				f.Level, f.Confidence = flow.LevelNotice, flow.ConfidenceMedium
				f.Title = fmt.Sprintf("%s: refused by AWS, and the record doesn't have the reason: consistent with a missing permission", g.CallList())
			}
			return f
		},
	}
}
