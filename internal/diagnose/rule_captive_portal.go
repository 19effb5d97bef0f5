package diagnose

import (
	"fmt"
	"strings"
	"time"

	"detour/internal/diagnose/ending"
	"detour/internal/diagnose/flowset"
	"detour/internal/flow"
)

// captivePortal is one foreign certificate for everything: a portal or gateway that takes
// every connection.
func captivePortal() Rule {
	return Rule{
		Code:    "captive-portal",
		Level:   flow.LevelProblem,
		Meaning: "Several AWS hosts present a certificate for the same other names.",
		HowKnown: "The handshakes with two or more hosts failed because of certificates that have the same names, " +
			"none of them in AWS's domain.",
		WhatElse: "A DNS record or rule that sends several names to one server of your own.",
		Asks:     []flow.Ask{askEndpointUser("Sign in to the network: open any http:// page in the browser. Then reload the console's page.")},
		Source:   "https://www.rfc-editor.org/rfc/rfc8952",
		match:    func(*flow.Flow, time.Time) bool { return false },
		among:    func(f *flow.Flow, _ time.Time, o *overview) bool { return o.portal && foreignNames(f) != "" },
		explain: func(g group) flow.Finding {
			return flow.Finding{
				Title: fmt.Sprintf("%s: all present a certificate for the same other names: consistent with a captive portal or a gateway "+
					"that takes every connection", g.HostList()),
				Because:      append(g.handshakes(), g.privateCAs()...),
				Confidence:   flow.ConfidenceMedium,
				Alternatives: []string{"a DNS record or rule that sends all these names to one server of your own"},
				Try: append([]flow.NextStep{
					step("Open any http:// page in the browser, sign in there, and reload the console's page"),
				}, g.Certificates("Show the certificate")...),
			}
		},
	}
}

// foreignNames are the names of a certificate that a flow's handshake failed for; "" if it
// failed for another reason, or none.
func foreignNames(f *flow.Flow) string {
	if f.Conn == nil || f.Conn.TLS == nil || !ending.Concerns(f) {
		return ""
	}
	t := f.Conn.TLS
	if len(t.Chain) == 0 || t.Outcome != flow.TLSNameMismatch && t.Outcome != flow.TLSUntrusted {
		return ""
	}
	for _, name := range t.Chain[0].Names {
		if domainOf(name) == domainOf(flowset.HostOf(f)) {
			return "" // another server of AWS's: tls-failed
		}
	}
	return strings.Join(t.Chain[0].Names, " ") // a gateway may have several certificates for its name
}

// domainOf is the last two labels of a name.
func domainOf(name string) string {
	labels := strings.Split(strings.ToLower(name), ".")
	return strings.Join(labels[max(0, len(labels)-2):], ".")
}

// noteForeign adds a certificate for other names.
func (o *overview) noteForeign(f *flow.Flow, names string) {
	if o.foreign[names] == nil {
		o.foreign[names] = make(map[string]bool)
	}
	o.foreign[names][flowset.HostOf(f)] = true
}

// onePortal reports whether all hosts whose certificate is known present the same foreign
// names, and there are several.
func (o *overview) onePortal() bool {
	for _, hosts := range o.foreign {
		return len(o.foreign) == 1 && len(hosts) > 1
	}
	return false
}
