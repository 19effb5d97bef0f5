package diagnose

import (
	"fmt"
	"time"

	"detour/internal/flow"
)

// certRefused is a client that wouldn't have detour's certificate.
func certRefused() Rule {
	return Rule{
		Code:     "certificate-refused",
		Level:    flow.LevelProblem,
		Meaning:  "A client ended its TLS handshake with detour: it refuses the certificate.",
		HowKnown: "The TLS alert that the client sent instead of a request.",
		WhatElse: "A program with roots of its own, or with a pinned certificate: no trust that is set on the machine helps it.",
		Asks:     []flow.Ask{askEndpointUser("Trust detour's certificate in that client, or have detour pass %h unread.")},
		Source:   "https://www.rfc-editor.org/rfc/rfc8446#section-6.2",
		match:    func(f *flow.Flow, _ time.Time) bool { return refusedUs(f) },
		explain: func(g group) flow.Finding {
			hosts := g.hosts()
			return flow.Finding{
				Title:      fmt.Sprintf("%s: the client refuses detour's certificate: consistent with a client that doesn't trust it", list(hosts, "")),
				Because:    g.distinct(func(f *flow.Flow) []string { return []string{hostOf(f) + ": " + clean(f.Failure.Message)} }),
				Confidence: flow.ConfidenceHigh,
				Alternatives: []string{
					"the client has a certificate of AWS's pinned: then it can't be decrypted at all",
					"the chain was made anew since it was trusted",
				},
				Try: texts(
					"u in the table passes the host on unread from now on; so does --decrypt aws,-"+hosts[0],
					"trust the certificate in this client: the address of the proxy, opened in a browser, has it",
				),
			}
		},
	}
}

// refusedUs reports whether f is a handshake that its client broke off.
func refusedUs(f *flow.Flow) bool {
	return f.Final() && f.Failure != nil && f.Failure.Stage == flow.StageClient &&
		f.Request.Method == "CONNECT" && f.Tunnel == nil && f.Conn == nil
}
