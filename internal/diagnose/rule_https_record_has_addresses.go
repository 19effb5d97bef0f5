package diagnose

import (
	"fmt"
	"strings"
	"time"

	"detour/internal/diagnose/flowset"
	"detour/internal/flow"
)

func httpsRecordHasAddresses() Rule {
	return informational(Rule{
		Code:     "https-record-has-addresses",
		Meaning:  "A name that resolves to private addresses here also has an HTTPS record with addresses, which a browser may use instead.",
		HowKnown: "detour also queried the HTTPS record.",
		WhatElse: "A browser that doesn't query HTTPS records.",
		Asks:     []flow.Ask{askNetworkTeam(followAWS)},
		Source:   "https://www.rfc-editor.org/rfc/rfc9460#section-7.3",
		match: func(f *flow.Flow, _ time.Time) bool {
			r := f.Conn.Resolution
			return r != nil && r.AllInVPC() && strings.Contains(strings.Join(r.HTTPS, " "), "hint=")
		},
		explain: func(g group) flow.Finding {
			return flow.Finding{
				Title: fmt.Sprintf("%s: without detour, a browser may use other addresses than detour does", g.HostList()),
				Because: g.Distinct(func(f *flow.Flow) []string {
					r := f.Conn.Resolution
					return []string{fmt.Sprintf("%s: addresses %s, HTTPS record %s", flowset.HostOf(f), answer(r.Outcome, r.Addrs), clean(r.HTTPS[0]))}
				}),
				Confidence:   flow.ConfidenceLow,
				Alternatives: []string{"the browser uses DNS over HTTPS: it then doesn't see the private zone at all"},
				Try:          []flow.NextStep{step("Open chrome://net-internals/#dns to see what the browser itself resolves the name to")},
			}
		},
	})
}
