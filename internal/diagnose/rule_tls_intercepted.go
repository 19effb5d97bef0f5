package diagnose

import (
	"fmt"
	"time"

	"detour/internal/diagnose/flowset"
	"detour/internal/flow"
)

func tlsIntercepted() Rule {
	return informational(Rule{
		Code:     "tls-intercepted",
		Meaning:  "An AWS host's certificate is trusted, but comes from a private CA.",
		HowKnown: "It has no timestamps from public logs (certificate transparency), which browsers require of public CAs.",
		WhatElse: "A deliberate stand-in for AWS.",
		Asks:     []flow.Ask{askNetworkTeam("Exclude %h from TLS inspection.")},
		Source:   "https://www.rfc-editor.org/rfc/rfc6962#section-3",
		match: func(f *flow.Flow, _ time.Time) bool {
			return f.Conn.TLS != nil && f.Conn.TLS.Outcome == flow.TLSOK && f.Conn.TLS.Issued == flow.IssuerPrivate
		},
		explain: func(g group) flow.Finding {
			return flow.Finding{
				Title:        fmt.Sprintf("%s: the certificate comes from a private CA: consistent with a TLS-inspecting proxy", g.HostList()),
				Because:      g.privateCAs(),
				Confidence:   sure(true, len(g.Hosts()) > 1),
				Alternatives: []string{"a stand-in for AWS, as in tests"},
				Try:          []flow.NextStep{step("Ask the proxy's operators to exclude these hosts: changes to a request break its signature")},
			}
		},
	})
}

// privateCAs are the private CAs that issued certificates for the flows' hosts.
func (g group) privateCAs() []string {
	return g.Distinct(func(f *flow.Flow) []string {
		if f.Conn == nil || f.Conn.TLS == nil || f.Conn.TLS.Issued != flow.IssuerPrivate || len(f.Conn.TLS.Chain) == 0 {
			return nil
		}
		return []string{fmt.Sprintf("the certificate for %s is issued by %s, "+
			"which isn't a public CA", flowset.HostOf(f), clean(f.Conn.TLS.Chain[0].Issuer))}
	})
}
