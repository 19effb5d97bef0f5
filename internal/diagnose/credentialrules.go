package diagnose

import (
	"fmt"
	"strings"
	"time"

	"detour/internal/flow"
)

// tolerance is how far a client's clock may be off: SigV4 requests are good for five
// minutes (docs.aws.amazon.com/IAM/latest/UserGuide/signing-elements.html).
const tolerance = 5 * time.Minute

func skewed(f *flow.Flow) bool { return f.AWS.ClockSkew >= tolerance || f.AWS.ClockSkew <= -tolerance }

// clockSkewed is a signature that is refused for its time.
func clockSkewed() Rule {
	late := anyCode("RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture")
	signature := anyCode("SignatureDoesNotMatch", "InvalidSignatureException", "InvalidSignature", "AuthFailure")
	return Rule{
		Code:     "clock-skewed",
		Level:    flow.LevelProblem,
		tier:     tierAnswer,
		Meaning:  "A signature was refused because this machine's clock is wrong.",
		HowKnown: "The code of the error, or that of a bad signature while the time in it is more than 5 minutes from the answer's Date.",
		WhatElse: "A request that was held up on its way for minutes.",
		Asks:     []flow.Ask{askEndpointUser("Set this machine's clock by a time server.")},
		Source:   "https://docs.aws.amazon.com/IAM/latest/UserGuide/signing-elements.html",
		match: ofAnswers(func(f *flow.Flow) bool {
			return late(f) && !strings.Contains(message(f), "security token") || signature(f) && skewed(f)
		}),
		explain: func(g group) flow.Finding {
			f := flow.Finding{
				Title:        fmt.Sprintf("%s: the signature's time is refused: consistent with a wrong clock on this machine", list(g.hosts(), "")),
				Because:      g.refusals(),
				Confidence:   flow.ConfidenceMedium,
				Alternatives: []string{"a request that was held up for minutes: by a debugger, a suspended laptop, a proxy that queues"},
				Try:          texts("Linux: timedatectl; Windows: w32tm /query /status, w32tm /resync; macOS: sntp time.apple.com"),
			}
			for _, x := range g.flows {
				if s := x.AWS.ClockSkew; skewed(x) {
					f.Confidence = flow.ConfidenceHigh
					f.Because = append(f.Because, fmt.Sprintf("the time in the signature is %+.0f s from the answer's Date", s.Seconds()))
					break
				}
			}
			return f
		},
	}
}

// credentialsExpired is a session that is over while its page is still open.
func credentialsExpired() Rule {
	expired := anyCode("ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "ExpiredTokenIdException")
	return Rule{
		Code:     "credentials-expired",
		Level:    flow.LevelProblem,
		tier:     tierAnswer,
		Meaning:  "The credentials of a call have expired.",
		HowKnown: "The code of the error, or its text.",
		WhatElse: "A wrong clock, if everything is said to be expired.",
		Asks:     []flow.Ask{askEndpointUser("Sign in again.")},
		Source:   "https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html",
		match: ofAnswers(func(f *flow.Flow) bool {
			return expired(f) || code(f) == "RequestExpired" || strings.Contains(message(f), "security token included in the request is expired")
		}),
		explain: func(g group) flow.Finding {
			return flow.Finding{
				Title:        fmt.Sprintf("%s: the credentials have expired: consistent with a console session that is over", list(g.calls(), list(g.services(), "AWS"))),
				Because:      g.refusals(),
				Confidence:   flow.ConfidenceHigh,
				Alternatives: []string{"a wrong clock on this machine, if fresh credentials are said to be expired, too"},
				Try:          texts("sign in to the console again, and load the page anew"),
			}
		},
	}
}

// credentialsUnknown are credentials that a Region doesn't know.
func credentialsUnknown() Rule {
	return Rule{
		Code:     "credentials-not-accepted",
		Level:    flow.LevelProblem,
		tier:     tierAnswer,
		Meaning:  "A service doesn't know the credentials of a call.",
		HowKnown: "The code of the error.",
		WhatElse: "A Region that has to be enabled, with a token that isn't valid there; a key that was deleted.",
		Asks:     []flow.Ask{askAccountOwner("Have the Region and its tokens enabled, so that %h takes these credentials.")},
		Source:   "https://repost.aws/knowledge-center/iam-validate-access-credentials",
		match:    ofAnswers(anyCode("AuthFailure", "InvalidClientTokenId", "UnrecognizedClientException", "UnrecognizedClient", "InvalidAccessKeyId", "InvalidToken")),
		explain: func(g group) flow.Finding {
			where := ""
			if r := g.region(); r != "" {
				where = " in " + clean(r)
			}
			return flow.Finding{
				Title:      fmt.Sprintf("%s: the credentials aren't accepted%s: consistent with a Region that isn't enabled for the account", list(g.services(), "AWS"), where),
				Because:    g.refusals(),
				Confidence: flow.ConfidenceMedium,
				Alternatives: []string{
					"a session token of the global STS endpoint: Regions that have to be enabled want one of version 2",
					"an access key that was deleted or made inactive",
				},
				Try: texts(
					"aws account get-region-opt-status --region-name REGION",
					"aws iam get-account-summary --query SummaryMap.GlobalEndpointTokenVersion",
				),
			}
		},
	}
}

// wrongRegion is a signature for another Region than the one that got it.
func wrongRegion() Rule {
	codes := anyCode("AuthorizationHeaderMalformed", "IncorrectEndpoint", "PermanentRedirect", "IllegalLocationConstraintException", "AuthorizationQueryParametersError")
	return Rule{
		Code:     "wrong-region",
		Level:    flow.LevelProblem,
		tier:     tierAnswer,
		Meaning:  "A request was signed for another Region, or for another service, than the one that received it.",
		HowKnown: "The code of the error, or that its text asks for another scope.",
		WhatElse: "A name that DNS leads into another Region.",
		Asks:     []flow.Ask{askNetworkTeam("Have DNS lead %h where AWS's own DNS leads it.")},
		Source:   "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html",
		match: ofAnswers(func(f *flow.Flow) bool {
			return codes(f) || strings.Contains(message(f), "Credential should be scoped to")
		}),
		explain: func(g group) flow.Finding {
			return flow.Finding{
				Title:        fmt.Sprintf("%s: signed for another Region or service: consistent with a name that leads to another Region's endpoint", list(g.hosts(), "")),
				Because:      append(g.refusals(), g.answerers()...),
				Confidence:   flow.ConfidenceMedium,
				Alternatives: []string{"a bucket of another Region than the page believes", "a private hosted zone that sends one Region's name to another's endpoint"},
				Try:          texts("dig " + g.hosts()[0]),
			}
		},
	}
}

// signatureBroken is a signature that doesn't fit what arrived, with a good clock.
func signatureBroken() Rule {
	return Rule{
		Code:     "signature-broken",
		Level:    flow.LevelProblem,
		tier:     tierAnswer,
		Meaning:  "A signature doesn't fit the request that arrived, and the clock is right.",
		HowKnown: "The code of the error, and a time in the signature that is less than 5 minutes from the answer's Date.",
		WhatElse: "Something on the way changes signed fields, the path or the body; a wrong secret key.",
		Asks:     []flow.Ask{askNetworkTeam("Find what stands between %f and %h and answers for it, or changes requests; leave these hosts out.")},
		Source:   "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html",
		match:    ofAnswers(anyCode("SignatureDoesNotMatch", "InvalidSignatureException", "InvalidSignature")),
		explain: func(g group) flow.Finding {
			return flow.Finding{
				Title:        fmt.Sprintf("%s: the signature doesn't fit what arrived: consistent with something on the way that changes requests", list(g.hosts(), "")),
				Because:      append(g.refusals(), g.interceptors()...),
				Confidence:   flow.ConfidenceMedium,
				Alternatives: []string{"a wrong secret key, if a program has signed it and not a page", "detour itself: pass the host on unread and see whether it stays"},
				Try:          texts("detour run --decrypt aws,-" + g.hosts()[0] + ": if the error goes away, it was detour, and we want to know"),
			}
		},
	}
}

// answerers are the addresses that answered.
func (g group) answerers() []string {
	return g.distinct(func(f *flow.Flow) []string {
		if f.Conn == nil || f.Conn.Winner() == nil {
			return nil
		}
		a := f.Conn.Winner().Addr.Addr()
		return []string{fmt.Sprintf("%s answered from %s (%s)", hostOf(f), a, flow.ScopeOf(a))}
	})
}
