package diagnose

import (
	"fmt"
	"time"

	"detour/internal/diagnose/flowset"
	"detour/internal/flow"
)

func privateAccessDenied() Rule {
	return Rule{
		Code:     "private-access-denied",
		Level:    flow.LevelProblem,
		tier:     tierAnswer,
		Meaning:  "The console or its sign-in returned 403 from a private address.",
		HowKnown: "The status, and the address that responded.",
		WhatElse: "An endpoint policy that doesn't list the account or organization; a session that started on another network.",
		Asks:     []flow.Ask{askAccountOwner("Allow this account in the policies of the console and sign-in endpoints.")},
		Source:   "https://docs.aws.amazon.com/awsconsolehelpdocs/latest/gsg/trusted-identities.html",
		match: func(f *flow.Flow, _ time.Time) bool {
			return badAnswer(f) && !f.AWS.IsCall() && overPrivateAddress(f)
		},
		explain: func(g group) flow.Finding {
			return flow.Finding{
				Title: fmt.Sprintf("%s: 403 from a private address: "+
					"consistent with Console Private Access that allows other accounts only", g.HostList()),
				Because: g.Distinct(func(f *flow.Flow) []string {
					return []string{fmt.Sprintf("%s returned %d from %s", flowset.HostOf(f), f.Response.Status, f.Conn.Winner().Addr.Addr())}
				}),
				Confidence:   flow.ConfidenceMedium,
				Alternatives: []string{"a session that started before the endpoint existed: sign in again"},
				Try: []flow.NextStep{
					shell("Check whether the policies of the console and sign-in endpoints list this account or organization",
						"aws ec2 describe-vpc-endpoints --query \"VpcEndpoints[?ends_with(ServiceName, '.console') || ends_with(ServiceName, "+
							"'.signin')].[ServiceName,PolicyDocument]\""),
				},
			}
		},
	}
}
