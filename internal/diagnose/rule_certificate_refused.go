package diagnose

import (
	"fmt"
	"time"

	"detour/internal/diagnose/ending"
	"detour/internal/flow"
)

func certificateRefused() Rule {
	return Rule{
		Code:     "certificate-refused",
		Level:    flow.LevelProblem,
		Meaning:  "A client aborted the TLS handshake with detour because it rejects detour's certificate.",
		HowKnown: "The client sent a TLS alert instead of a request.",
		WhatElse: "A program with its own root store or a pinned certificate. " +
			"Trusting detour's certificate on the machine doesn't help such a program.",
		Asks:   []flow.Ask{askEndpointUser("Trust detour's certificate in that client, or exclude %h from decryption.")},
		Source: "https://www.rfc-editor.org/rfc/rfc8446#section-6.2",
		match:  func(f *flow.Flow, _ time.Time) bool { return ending.RefusedUs(f) },
		explain: func(g group) flow.Finding {
			return flow.Finding{
				Title:      fmt.Sprintf("%s: the client rejects detour's certificate: consistent with a client that doesn't trust it", g.HostList()),
				Because:    g.failures(),
				Confidence: flow.ConfidenceHigh,
				Alternatives: []string{
					"the client pins AWS's certificate: its traffic can't be decrypted at all",
					"detour's certificate has been replaced since this client trusted it",
				},
				Try: []flow.NextStep{
					shell("Stop decrypting the host (u in the table)", "detour run --decrypt aws,-"+g.Host()),
					step("Or trust the certificate in this client: open the proxy's address in a browser to download it"),
				},
			}
		},
	}
}
