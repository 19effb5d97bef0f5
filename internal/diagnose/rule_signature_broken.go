package diagnose

import (
	"fmt"

	"detour/internal/diagnose/ending"
	"detour/internal/flow"
)

// signatureBroken comes after clock-skewed, which explains the same errors.
func signatureBroken() Rule {
	return Rule{
		Code:     "signature-broken",
		Level:    flow.LevelProblem,
		tier:     tierAnswer,
		Meaning:  "A signature doesn't match the request that arrived, and the clock is right.",
		HowKnown: "The error code, and a time in the signature less than 5 minutes from the response's Date.",
		WhatElse: "Something on the path changes signed headers, the path or the body; a wrong secret key.",
		Asks:     []flow.Ask{askNetworkTeam(findIntermediary)},
		Source:   "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html",
		match:    ofAnswers(anyCode("SignatureDoesNotMatch", "InvalidSignatureException", "InvalidSignature")),
		explain: func(g group) flow.Finding {
			f := flow.Finding{
				Title: fmt.Sprintf("%s: the signature doesn't match the request: "+
					"consistent with a device on the path that changes requests", g.HostList()),
				Because:    append(g.refusals(), g.privateCAs()...),
				Confidence: flow.ConfidenceMedium,
				Alternatives: []string{
					"a wrong secret key, if a program signed the request and not a page",
					"detour itself",
				},
				Try: []flow.NextStep{shell("Rule out detour by not decrypting the host (if that helps, "+
					"please report it as a bug)", "detour run --decrypt aws,-"+g.Host())},
			}
			if g.Each(ending.FromHAR) {
				f.Alternatives = []string{
					"a wrong secret key, if a program signed the request and not a page",
					"a proxy between the browser and the network that changed the request, such as the one that wrote the file",
				}
				f.Try = []flow.NextStep{step("Open the same page on that machine from another network: if it works there, " +
					"something on the path of this network changes requests")}
			}
			return f
		},
	}
}

const findIntermediary = "Find the device between %f and %h that changes requests or responds to them itself, and exempt these hosts."
