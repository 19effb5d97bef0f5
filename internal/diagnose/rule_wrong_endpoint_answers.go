package diagnose

import (
	"fmt"

	"detour/internal/flow"
)

func wrongEndpointAnswers() Rule {
	unknown := anyCode("UnknownOperationException", "UnknownOperation", "InvalidAction", "UnknownAction", "UnsupportedOperation")
	return Rule{
		Code:     "wrong-endpoint-answers",
		Level:    flow.LevelProblem,
		tier:     tierAnswer,
		Meaning:  "A server at a private address doesn't know the requested operation.",
		HowKnown: "The error code, or 404 without one, and the address.",
		WhatElse: "An operation that the endpoint doesn't support yet.",
		Asks:     []flow.Ask{askAccountOwner("Point the private DNS name %h to the endpoint of its own service and Region (%e).")},
		Concepts: []string{conceptInterfaceEndpoint, conceptPrivateDNS},
		Source:   "https://docs.aws.amazon.com/vpc/latest/privatelink/vpce-interface-dns.html",
		match: ofAnswers(func(f *flow.Flow) bool {
			return direct(f) && overPrivateAddress(f) && (unknown(f) || status(f) == 404 && f.AWS.Error == nil && f.AWS.RequestID == "")
		}),
		explain: func(g group) flow.Finding {
			return flow.Finding{
				Title: fmt.Sprintf("%s: the server doesn't know the operation: "+
					"consistent with another service's endpoint at that address", g.HostList()),
				Because:      append(g.refusals(), g.answerers()...),
				Confidence:   flow.ConfidenceMedium,
				Alternatives: []string{"an operation that the public endpoint supports and the interface endpoint doesn't"},
				Try:          []flow.NextStep{shell("Show whose endpoint it is, by the names in its certificate", "detour probe "+g.Host())},
			}
		},
	}
}
