package diagnose

import (
	"fmt"

	"detour/internal/flow"
)

func serverError() Rule {
	return Rule{
		Code:     "server-error",
		Level:    flow.LevelProblem,
		tier:     tierAnswer,
		Meaning:  "A service, or the console's server, reports an internal failure.",
		HowKnown: "A status of 500 or above.",
		WhatElse: "A device on the path that responds in place of AWS: only AWS's servers send a request ID.",
		Asks:     []flow.Ask{askAccountOwner("Ask AWS Support about %o, with the request IDs: %r.")},
		Source:   "https://docs.aws.amazon.com/general/latest/gr/aws_service_limits.html",
		match:    ofAnswers(func(f *flow.Flow) bool { return status(f) >= 500 }),
		explain: func(g group) flow.Finding {
			f := flow.Finding{
				Title:      fmt.Sprintf("%s: the server reports an internal failure: consistent with a problem at AWS", g.CallList()),
				Because:    g.refusals(),
				Confidence: flow.ConfidenceMedium,
				Alternatives: []string{
					"an input that the service doesn't handle: then only this call fails, every time",
				},
				Try: []flow.NextStep{
					step("Check the AWS Health Dashboard for the Region"),
					step("Contact AWS Support with the request IDs above"),
				},
			}
			if g.Each(func(f *flow.Flow) bool { return f.AWS.RequestID == "" }) {
				f.Confidence = flow.ConfidenceLow
				f.Title = fmt.Sprintf("%s: a server error without a request ID: consistent with a proxy or firewall that responds itself, "+
					"or a problem at AWS", g.CallList())
				f.Try = append(g.Curl("Read the response on "+g.Machine(), "-v"), f.Try[0])
				f.Alternatives = []string{"a load balancer of AWS's that failed before the service got the request"}
				f.Asks = []flow.Ask{askNetworkTeam(findIntermediary)}
			}
			return f
		},
	}
}
