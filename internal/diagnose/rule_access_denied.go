package diagnose

import (
	"fmt"

	"detour/internal/flow"
)

// accessDenied covers every denial for lack of permission except denied-by-endpoint-policy.
func accessDenied() Rule {
	codes := anyCode("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorized", "NotAuthorizedException",
		"AuthorizationError", "AuthorizationErrorException", "UnauthorizedException", "ForbiddenException", "Forbidden", "AllAccessDisabled")
	return Rule{
		Code:     "access-denied",
		Level:    flow.LevelNotice,
		tier:     tierAnswer,
		Meaning:  "A service received a call and denied it for lack of permission.",
		HowKnown: "The error code. Some services also name the kind of policy in the message.",
		WhatElse: "If only calls through an interface endpoint are denied: a policy condition on aws:SourceIp, which such calls don't have.",
		Asks:     []flow.Ask{askAccountOwner("Allow %i for this principal, in the kind of policy that the error names.")},
		Source:   denials,
		match:    ofAnswers(func(f *flow.Flow) bool { return codes(f) || deniedBy(f) != "" }),
		explain:  explainDenied,
	}
}

func explainDenied(g group) flow.Finding {
	calls := g.CallList()
	f := flow.Finding{
		Title:      calls + ": access denied",
		Because:    append(g.refusals(), g.policies()...),
		Confidence: flow.ConfidenceHigh,
		Alternatives: []string{"a condition on the address (aws:SourceIp) or the path (aws:SourceVpc, aws:SourceVpce): " +
			"both differ between direct and relayed calls"},
		Try: []flow.NextStep{step("Allow " + list(g.actions(), "the action") + " for this principal, in the kind of " +
			"policy that the message names")},
	}
	kinds := g.Distinct(func(f *flow.Flow) []string {
		kind := clean(deniedBy(f))
		switch {
		case kind == "":
			return nil
		case f.AWS.Error.Explicit:
			return []string{"an explicit deny in a " + kind}
		}
		return []string{"no " + kind + " allows it"}
	})
	switch {
	case len(kinds) > 0:
		f.Title = fmt.Sprintf("%s: access denied: %s", calls, list(kinds, ""))
	case g.Each(direct) && g.Each(overPrivateAddress) && g.all.answeredConsole > 0:
		f.Level, f.Confidence = flow.LevelProblem, flow.ConfidenceMedium
		f.Title = fmt.Sprintf("%s: denied only through an interface endpoint: consistent with a policy condition on aws:SourceIp", calls)
		f.Because = append(f.Because, g.consoleWorks()...)
		f.Try = []flow.NextStep{step("Look for aws:SourceIp in the policies: requests through a VPC endpoint don't have it. " +
			"Use aws:SourceVpc or aws:SourceVpce instead")}
	}
	if g.Each(func(f *flow.Flow) bool { return f.AWS.Service == "s3" }) {
		f.Alternatives = append(f.Alternatives, "a bucket policy that requires aws:SourceVpce or aws:SourceVpc denies calls from other networks")
	}
	return f
}
