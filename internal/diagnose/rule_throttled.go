package diagnose

import (
	"fmt"
	"strings"

	"detour/internal/flow"
	"detour/internal/wording"
)

func throttled() Rule {
	codes := anyCode("RequestLimitExceeded", "SlowDown", "TooManyRequestsException", "TooManyRequests",
		"ProvisionedThroughputExceededException",
		"BandwidthLimitExceeded", "PriorRequestNotComplete", "RequestThrottled", "RequestThrottledException")
	return Rule{
		Code:     "throttled",
		Level:    flow.LevelNotice,
		tier:     tierAnswer,
		Meaning:  "A service throttled calls.",
		HowKnown: "The error code, or status 429.",
		WhatElse: "Other callers: the limits apply to the account, not to a person.",
		Asks:     []flow.Ask{askAccountOwner("Raise the quota for %o, or make fewer of these calls at a time.")},
		Source:   "https://docs.aws.amazon.com/general/latest/gr/api-retries.html",
		match: ofAnswers(func(f *flow.Flow) bool {
			return codes(f) || strings.HasPrefix(code(f), "Throttl") || status(f) == 429
		}),
		explain: func(g group) flow.Finding {
			first, last := g.Set[0].Times.Start, g.Set[len(g.Set)-1].Times.Start
			f := flow.Finding{
				Title:        fmt.Sprintf("%s: throttled, not a network problem", g.CallList()),
				Because:      g.refusals(),
				Confidence:   flow.ConfidenceHigh,
				Alternatives: []string{"other users and programs share the account's limits"},
				Try: []flow.NextStep{
					step("Wait, and load the page once: a dashboard that refreshes itself adds to the load"),
					shell("Show the account's quotas for the service", "aws service-quotas list-service-quotas --service-code SERVICE_CODE"),
				},
			}
			if n := len(g.Set); n > 1 {
				f.Because = append(f.Because, fmt.Sprintf("%s within %s", wording.Count(n, "call"), wording.Duration(last.Sub(first))))
			}
			return f
		},
	}
}
