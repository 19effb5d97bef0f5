package diagnose

import (
	"fmt"

	"detour/internal/diagnose/command"
	"detour/internal/flow"
)

func credentialsNotAccepted() Rule {
	return Rule{
		Code:     "credentials-not-accepted",
		Level:    flow.LevelProblem,
		tier:     tierAnswer,
		Meaning:  "A service doesn't recognise a call's credentials.",
		HowKnown: "The error code.",
		WhatElse: "An opt-in Region, with a session token that isn't valid there; a deleted access key.",
		Asks:     []flow.Ask{askAccountOwner("For %h to accept these credentials, enable the Region and session tokens that are valid in it.")},
		Source:   "https://repost.aws/knowledge-center/iam-validate-access-credentials",
		match: ofAnswers(anyCode("AuthFailure", "InvalidClientTokenId", "UnrecognizedClientException", "UnrecognizedClient",
			"InvalidAccessKeyId", "InvalidToken")),
		explain: func(g group) flow.Finding {
			where, region := "", "REGION"
			if r := g.Region(); command.Safe(r) {
				where, region = " in "+r, r
			}
			return flow.Finding{
				Title: fmt.Sprintf("%s: credentials not accepted%s: "+
					"consistent with a Region that isn't enabled for the account", g.ServiceList(), where),
				Because:    g.refusals(),
				Confidence: flow.ConfidenceMedium,
				Alternatives: []string{
					"a session token from the global STS endpoint: opt-in Regions require a version 2 token",
					"an access key that was deleted or deactivated",
				},
				Try: []flow.NextStep{
					shell("Check whether the Region is enabled", "aws account get-region-opt-status --region-name "+region),
					shell("Check the version of the global endpoint's tokens",
						"aws iam get-account-summary --query SummaryMap.GlobalEndpointTokenVersion"),
				},
			}
		},
	}
}
