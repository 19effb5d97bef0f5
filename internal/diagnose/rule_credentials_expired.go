package diagnose

import (
	"fmt"
	"strings"

	"detour/internal/flow"
)

// credentialsExpired is a session that has ended while its page is still open.
func credentialsExpired() Rule {
	expired := anyCode("ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "ExpiredTokenIdException")
	return Rule{
		Code:     "credentials-expired",
		Level:    flow.LevelProblem,
		tier:     tierAnswer,
		Meaning:  "A call's credentials have expired.",
		HowKnown: "The error code or message.",
		WhatElse: "A wrong clock, if all credentials appear expired.",
		Asks:     []flow.Ask{askEndpointUser("Sign in again.")},
		Source:   "https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html",
		match: ofAnswers(func(f *flow.Flow) bool {
			return expired(f) || code(f) == "RequestExpired" || strings.Contains(message(f), "security token included in the request is expired")
		}),
		explain: func(g group) flow.Finding {
			f := flow.Finding{
				Title:        fmt.Sprintf("%s: the credentials have expired: consistent with a console session that has ended", g.CallList()),
				Because:      g.refusals(),
				Confidence:   sure(true, g.all.clockRight),
				Alternatives: []string{"a wrong clock on " + g.Machine() + ", if new credentials appear expired, too"},
				Try:          []flow.NextStep{step("Sign in to the console again, and reload the page")},
			}
			if g.all.clockRight {
				f.Because = append(f.Because, "the clock is right: a response's Date agrees with the time of a signature")
			}
			return f
		},
	}
}
