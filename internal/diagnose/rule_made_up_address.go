package diagnose

import (
	"fmt"
	"slices"
	"time"

	"detour/internal/diagnose/flowset"
	"detour/internal/flow"
)

// madeUpAddress is an address of a range that no network routes: a program on the machine
// answers DNS with it and takes the connections to it.
func madeUpAddress() Rule {
	return informational(Rule{
		Code:    "made-up-address",
		Meaning: "An AWS name resolves to an address that no network routes, of a kind that VPN, zero-trust and proxy clients make up.",
		HowKnown: "The address is in 198.18.0.0/15, which is reserved for tests and routed by no network. " +
			"Such a program returns it for a name and takes the connections to it.",
		WhatElse: "Nothing is wrong if the calls work. The file doesn't show the server's real address.",
		Asks: []flow.Ask{
			askEndpointUser("Find the VPN, zero-trust or proxy client that answers for %h, and exempt these names if calls fail."),
		},
		Source: "https://www.rfc-editor.org/rfc/rfc2544#appendix-C.2.2",
		match: func(f *flow.Flow, _ time.Time) bool {
			w := f.Conn.Winner()
			return w != nil && flow.ScopeOf(w.Addr.Addr()) == flow.ScopeBenchmark
		},
		explain: func(g group) flow.Finding {
			return flow.Finding{
				Title: fmt.Sprintf("%s: responses come from an address reserved for tests: "+
					"consistent with a VPN, zero-trust or proxy client on %s that makes up addresses",
					g.HostList(), g.Machine()),
				Because:      g.answerers(),
				Confidence:   flow.ConfidenceMedium,
				Alternatives: []string{"a test network that uses this range"},
				Try: []flow.NextStep{
					g.LookUp("Query DNS for the name"),
					step("Only if calls fail: stop the client, or exempt AWS's names in it, and compare"),
				},
			}
		},
	})
}

// benchmarkOnly reports whether all addresses that a flow tried are of the range for tests,
// which no network routes.
func benchmarkOnly(f *flow.Flow) bool {
	tried := flowset.Attempts(f)
	return len(tried) > 0 && !slices.ContainsFunc(tried, func(a flow.DialAttempt) bool {
		return flow.ScopeOf(a.Addr.Addr()) != flow.ScopeBenchmark
	})
}

// madeUp names clients that make up addresses, if a group's addresses may be theirs.
func (g group) madeUp() []string {
	if g.Each(func(f *flow.Flow) bool {
		for _, a := range flowset.Attempts(f) {
			if s := flow.ScopeOf(a.Addr.Addr()); a.Addr.IsValid() && (s == flow.ScopeBenchmark || s == flow.ScopeCGNAT) {
				return true
			}
		}
		return false
	}) {
		return []string{"a VPN or zero-trust client on the machine that makes up addresses (198.18.0.0/15, some 100.64.0.0/10) " +
			"and doesn't pass the connections on"}
	}
	return nil
}
