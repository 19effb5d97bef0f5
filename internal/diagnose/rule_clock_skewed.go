package diagnose

import (
	"fmt"
	"strings"
	"time"

	"detour/internal/diagnose/nextstep"
	"detour/internal/flow"
)

// maxSkew is how far a client's clock may be off: SigV4 requests are valid for five
// minutes (docs.aws.amazon.com/IAM/latest/UserGuide/signing-elements.html).
const maxSkew = 5 * time.Minute

func skewed(f *flow.Flow) bool { return f.AWS.ClockSkew >= maxSkew || f.AWS.ClockSkew <= -maxSkew }

func clockSkewed() Rule {
	wrongTime := anyCode("RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture")
	signature := anyCode("SignatureDoesNotMatch", "InvalidSignatureException", "InvalidSignature", "AuthFailure")
	return Rule{
		Code:     "clock-skewed",
		Level:    flow.LevelProblem,
		tier:     tierAnswer,
		Meaning:  "A signature was rejected because of its time: the clock of the machine that sent it may be wrong.",
		HowKnown: "The error code. For an invalid signature: its time differs from the response's Date by more than 5 minutes.",
		WhatElse: "A request that was delayed for minutes in transit.",
		Asks:     []flow.Ask{askEndpointUser("Synchronise the clock of %m with a time server.")},
		Source:   "https://docs.aws.amazon.com/IAM/latest/UserGuide/signing-elements.html",
		match: ofAnswers(func(f *flow.Flow) bool {
			return wrongTime(f) && !strings.Contains(message(f), "security token") || signature(f) && skewed(f)
		}),
		explain: func(g group) flow.Finding {
			f := flow.Finding{
				Title:        fmt.Sprintf("%s: the signature's time was rejected: consistent with a wrong clock on %s", g.HostList(), g.Machine()),
				Because:      g.refusals(),
				Confidence:   flow.ConfidenceMedium,
				Alternatives: []string{"a request that was delayed for minutes: a debugger, a suspended laptop, a queueing proxy"},
				Try: g.System.Steps("Check the clock of "+g.Machine(), nextstep.Forms{
					Linux: "timedatectl", MacOS: "sntp time.apple.com", Windows: "w32tm /query /status",
				}),
			}
			for _, x := range g.Set {
				if s := x.AWS.ClockSkew; skewed(x) {
					f.Confidence = flow.ConfidenceHigh
					f.Because = append(f.Because, fmt.Sprintf("the signature's time differs from the response's Date by %+.0f s", s.Seconds()))
					break
				}
			}
			return f
		},
	}
}
