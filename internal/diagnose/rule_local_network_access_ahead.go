package diagnose

import (
	"fmt"
	"time"

	"detour/internal/flow"
)

// localNetworkAccessAhead predicts what a browser does without detour: Chrome from 142
// and Edge from 143 ask, or refuse, before a public page may fetch from a private
// address.
func localNetworkAccessAhead() Rule {
	return informational(Rule{
		Code:    "local-network-access-ahead",
		Meaning: "Without detour, browsers ask for permission before a console page may call this private address, or block the call.",
		HowKnown: "The page's host is public, and its direct-endpoint call goes to a private address. " +
			"Through detour, the browser connects to loopback and doesn't ask.",
		WhatElse: "Nothing is wrong if the browser has permission, by policy or from the user.",
		Asks:     []flow.Ask{askEndpointUser(allowLocalNetwork)},
		Concepts: []string{conceptPreflight},
		Source:   "https://developer.chrome.com/blog/local-network-access",
		match: func(f *flow.Flow, _ time.Time) bool {
			return f.Source == flow.SourceProxy && direct(f) && f.Page != "" && overPrivateAddress(f) && f.Conn.UpstreamProxy == "" &&
				f.Response.Status >= 200 && f.Response.Status < 300 && f.Failure == nil && f.Request.Method != "OPTIONS"
		},
		explain: func(g group) flow.Finding {
			return flow.Finding{
				Title: fmt.Sprintf("%s: private addresses that respond here; "+
					"without detour the browser asks for permission first, or blocks the calls", g.HostList()),
				Because: append(g.answerers(),
					"through a proxy on this machine the browser doesn't see the private address, so success here says nothing about this check"),
				Confidence: flow.ConfidenceMedium,
				Alternatives: []string{
					"a browser that makes no such check, or that has the permission already",
					"a page that is at a private address itself",
				},
				Try: localNetworkSteps(),
			}
		},
	})
}
