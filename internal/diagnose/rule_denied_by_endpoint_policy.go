package diagnose

import (
	"fmt"
	"strings"

	"detour/internal/diagnose/command"
	"detour/internal/flow"
)

// deniedByEndpointPolicy is a denial whose message names the policy of a VPC endpoint.
// It proves the path that the call took, and that the user's permissions aren't at fault.
func deniedByEndpointPolicy() Rule {
	return Rule{
		Code:     "denied-by-endpoint-policy",
		Level:    flow.LevelProblem,
		tier:     tierAnswer,
		Meaning:  "A VPC endpoint's policy denied a call.",
		HowKnown: "The service's error message says so.",
		WhatElse: "None: the message is specific. If several policies deny the call, the service names one.",
		Asks:     []flow.Ask{askAccountOwner("Allow %i in the policy of the endpoints for %e.")},
		Concepts: []string{conceptInterfaceEndpoint},
		Source:   denials,
		match:    ofAnswers(func(f *flow.Flow) bool { return deniedBy(f) == flow.DenyVPCEndpoint }),
		explain: func(g group) flow.Finding {
			private := g.Each(overPrivateAddress)
			f := flow.Finding{
				Title:        fmt.Sprintf("%s: denied by a VPC endpoint's policy, regardless of the user's own permissions", g.CallList()),
				Because:      append(g.refusals(), g.policies()...),
				Confidence:   sure(true, private),
				Alternatives: []string{"another policy may deny the call as well: that shows only once this one allows it"},
				Try: append(g.DescribeEndpoints("Show the endpoints' policies", "VpcEndpointId,PolicyDocument"),
					step("Allow "+list(g.actions(), "the action")+" for this principal in that policy")),
			}
			if private { // through an endpoint, which the message alone doesn't show
				f.Because = append(f.Because, g.answerers()...)
			}
			return f
		},
	}
}

// Where AWS documents its denials.
const denials = "https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html"

// deniedBy is the kind of policy that denied a call, as the service names it; "" if it
// doesn't.
func deniedBy(f *flow.Flow) string {
	if f.AWS == nil || f.AWS.Error == nil {
		return ""
	}
	return f.AWS.Error.Deny
}

// policies are the ARNs that the refusals name.
func (g group) policies() []string {
	arns := g.Distinct(func(f *flow.Flow) []string {
		if f.AWS.Error == nil {
			return nil
		}
		return []string{clean(f.AWS.Error.PolicyARN)}
	})
	if len(arns) == 0 {
		return nil
	}
	return []string{"policy: " + list(arns, "")}
}

// actions are the calls as policies write them.
func (g group) actions() []string {
	return g.Distinct(func(f *flow.Flow) []string {
		if f.AWS == nil || f.AWS.Error == nil || !command.Safe(strings.ReplaceAll(f.AWS.Error.Action, ":", "")) {
			return nil
		}
		return []string{f.AWS.Error.Action}
	})
}
