package diagnose

import (
	"fmt"
	"strings"

	"detour/internal/flow"
)

func wrongRegion() Rule {
	codes := anyCode("AuthorizationHeaderMalformed", "IncorrectEndpoint", "PermanentRedirect", "IllegalLocationConstraintException",
		"AuthorizationQueryParametersError")
	return Rule{
		Code:     "wrong-region",
		Level:    flow.LevelProblem,
		tier:     tierAnswer,
		Meaning:  "A request was signed for another Region or service than the one that received it.",
		HowKnown: "The error code, or a message that asks for another scope.",
		WhatElse: "A DNS name that leads to another Region.",
		Asks:     []flow.Ask{askNetworkTeam(followAWS)},
		Source:   "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html",
		match: ofAnswers(func(f *flow.Flow) bool {
			return codes(f) || strings.Contains(message(f), "Credential should be scoped to")
		}),
		explain: func(g group) flow.Finding {
			return flow.Finding{
				Title: fmt.Sprintf("%s: signed for another Region or service: "+
					"consistent with a name that leads to another Region's endpoint", g.HostList()),
				Because:    append(g.refusals(), g.answerers()...),
				Confidence: flow.ConfidenceMedium,
				Alternatives: []string{
					"a bucket in another Region than the page assumes",
					"a private hosted zone that points one Region's name to another Region's endpoint",
				},
				Try: []flow.NextStep{g.LookUp("Query DNS for the name")},
			}
		},
	}
}

const followAWS = "Make DNS return for %h what AWS's own DNS returns."
