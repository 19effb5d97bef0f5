package diagnose

import (
	"fmt"
	"time"

	"detour/internal/flow"
	"detour/internal/wording"
)

// Where AWS tells what its denials say.
const denials = "https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html"

// endpointPolicy is a denial whose words name the policy of a VPC endpoint: it
// proves the way that the call took, and that no permission of the user's is at fault.
func endpointPolicy() Rule {
	return Rule{
		Code:     "denied-by-endpoint-policy",
		Level:    flow.LevelProblem,
		tier:     tierAnswer,
		Meaning:  "The policy of a VPC endpoint denied a call.",
		HowKnown: "The service says so in the text of its refusal.",
		WhatElse: "Nothing: the text says it. Of several policies that deny, a service names one.",
		Asks:     []flow.Ask{askAccountOwner("Have the policy of the endpoints for %e allow %o.")},
		Source:   denials,
		match:    ofAnswers(func(f *flow.Flow) bool { return f.AWS.Error != nil && f.AWS.Error.Deny == "VPC endpoint policy" }),
		explain: func(g group) flow.Finding {
			return flow.Finding{
				Title:      fmt.Sprintf("%s: the policy of a VPC endpoint denies it, whatever your own permissions are", list(g.calls(), list(g.services(), "AWS"))),
				Because:    append(g.refusals(), g.policies()...),
				Confidence: flow.ConfidenceHigh,
				Alternatives: []string{
					"a second policy that denies as well shows when this one lets the call pass",
				},
				Try: texts(append(g.describeEndpoints("VpcEndpointId,PolicyDocument"), "have that policy allow "+list(g.actions(), "the action")+" for this principal")...),
			}
		},
	}
}

// accessDenied is any other refusal for want of permission.
func accessDenied() Rule {
	codes := anyCode("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorized", "NotAuthorizedException",
		"AuthorizationError", "AuthorizationErrorException", "UnauthorizedException", "ForbiddenException", "Forbidden", "AllAccessDisabled")
	return Rule{
		Code:     "access-denied",
		Level:    flow.LevelNotice,
		tier:     tierAnswer,
		Meaning:  "A service was reached, and denied a call for want of permission.",
		HowKnown: "The code of the error; its text says which kind of policy it was, if the service tells.",
		WhatElse: "If only calls by way of an interface endpoint are denied: a policy that asks for aws:SourceIp, which such calls don't have.",
		Asks:     []flow.Ask{askAccountOwner("Allow %o for this principal, in the kind of policy that the error names.")},
		Source:   denials,
		match: ofAnswers(func(f *flow.Flow) bool {
			return codes(f) || f.AWS.Error != nil && f.AWS.Error.Deny != ""
		}),
		explain: explainDenied,
	}
}

func explainDenied(g group) flow.Finding {
	calls := list(g.calls(), list(g.services(), "AWS"))
	f := flow.Finding{
		Title:      calls + ": denied",
		Because:    append(g.refusals(), g.policies()...),
		Confidence: flow.ConfidenceHigh,
		Try:        texts("have " + list(g.actions(), "the action") + " allowed for this principal, in the kind of policy that the text names"),
	}
	kinds := g.distinct(func(f *flow.Flow) []string {
		e := f.AWS.Error
		switch {
		case e == nil || e.Deny == "":
			return nil
		case e.Explicit:
			return []string{"an explicit deny in a " + clean(e.Deny)}
		}
		return []string{"no " + clean(e.Deny) + " that allows it"}
	})
	switch {
	case len(kinds) > 0:
		f.Title = fmt.Sprintf("%s: denied: %s", calls, list(kinds, ""))
	case g.each(direct) && g.each(byPrivateWay) && g.all.answeredConsole > 0:
		f.Level, f.Confidence = flow.LevelProblem, flow.ConfidenceMedium
		f.Title = fmt.Sprintf("%s: only calls by way of an interface endpoint are denied: consistent with a policy that asks for aws:SourceIp", calls)
		f.Because = append(f.Because, fmt.Sprintf("%s relayed by the console's servers got an answer", wording.Count(g.all.answeredConsole, "console-origin call")))
		f.Try = texts("look for aws:SourceIp in the policies: a request by way of a VPC endpoint has none; aws:SourceVpc or aws:SourceVpce tell such requests apart")
	}
	f.Alternatives = []string{"a condition on the address (aws:SourceIp) or the way (aws:SourceVpc, aws:SourceVpce): direct and relayed calls differ in both"}
	if g.each(func(f *flow.Flow) bool { return f.AWS.Service == "s3" }) {
		f.Alternatives = append(f.Alternatives, "the bucket's policy asks for aws:SourceVpce or aws:SourceVpc: from another network it denies")
	}
	return f
}

// privateAccessDenied is a console or sign-in that turns the network away.
func privateAccessDenied() Rule {
	return Rule{
		Code:     "private-access-denied",
		Level:    flow.LevelProblem,
		tier:     tierAnswer,
		Meaning:  "The console or its sign-in answers 403 by way of a private address.",
		HowKnown: "The status, and the address that answered.",
		WhatElse: "A policy of the account or organization that the endpoint doesn't list; a session that began elsewhere.",
		Asks:     []flow.Ask{askAccountOwner("Admit this account in the policies of the console's and sign-in's endpoints.")},
		Source:   "https://docs.aws.amazon.com/awsconsolehelpdocs/latest/gsg/trusted-identities.html",
		match: func(f *flow.Flow, _ time.Time) bool {
			return badAnswer(f) && f.AWS == nil && byPrivateWay(f)
		},
		explain: func(g group) flow.Finding {
			return flow.Finding{
				Title: fmt.Sprintf("%s: 403 by way of a private address: consistent with Console Private Access that admits other accounts only", list(g.hosts(), "")),
				Because: g.distinct(func(f *flow.Flow) []string {
					return []string{fmt.Sprintf("%s answered %d from %s", hostOf(f), f.Response.Status, f.Conn.Winner().Addr.Addr())}
				}),
				Confidence:   flow.ConfidenceMedium,
				Alternatives: []string{"a session that began before the endpoint was in place: sign in anew"},
				Try:          texts("the policies of the endpoints com.amazonaws.REGION.console and .signin: do they list this account or organization?"),
			}
		},
	}
}

// policies are the ARNs that the refusals name.
func (g group) policies() []string {
	arns := g.distinct(func(f *flow.Flow) []string {
		if f.AWS.Error == nil {
			return nil
		}
		return []string{clean(f.AWS.Error.PolicyARN)}
	})
	if len(arns) == 0 {
		return nil
	}
	return []string{"the policy: " + list(arns, "")}
}

// actions are the calls as policies write them.
func (g group) actions() []string {
	return g.distinct(func(f *flow.Flow) []string {
		if f.AWS == nil || !safeWord(f.AWS.Service) || !safeWord(f.AWS.Operation) {
			return nil
		}
		return []string{f.AWS.Service + ":" + f.AWS.Operation}
	})
}
