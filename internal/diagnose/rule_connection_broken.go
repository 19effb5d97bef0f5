package diagnose

import (
	"fmt"
	"time"

	"detour/internal/diagnose/ending"
	"detour/internal/flow"
)

// connectionBroken is a connection that something ends: a reset, an end without a word, or an
// error of the protocol in use.
func connectionBroken() Rule {
	return Rule{
		Code:    "connection-broken",
		Level:   flow.LevelProblem,
		Meaning: "Connections to an AWS host are ended before a response: reset, closed, or broken in the protocol.",
		HowKnown: "A reset or an end of the connection, or the browser's error for HTTP/2 or QUIC, in place of a response. " +
			"A network that drops packets in silence looks different.",
		WhatElse: "A server that closed an idle connection; a crash of the endpoint.",
		Asks:     []flow.Ask{askNetworkTeam("Find the firewall, filter or VPN between %m and %h that ends connections, and exempt these hosts.")},
		Source:   "https://www.rfc-editor.org/rfc/rfc9293#section-3.5.2",
		match: func(f *flow.Flow, _ time.Time) bool {
			return ending.Is(f, flow.KindReset, flow.KindClosed, flow.KindHTTP2, flow.KindQUIC,
				flow.KindInvalidResponse, flow.KindIncompleteResponse)
		},
		explain: func(g group) flow.Finding {
			f := flow.Finding{
				Title: fmt.Sprintf("%s: connections are ended before a response: consistent with a firewall, filter or VPN on the path "+
					"that ends them", g.HostList()),
				Because:    append(g.endings(), g.affected()...),
				Confidence: flow.ConfidenceLow,
				Alternatives: []string{
					"a filter that reads the name in the TLS handshake (SNI), or a data-loss filter: then other names at the same address work",
					"a VPN or firewall that forgot the connection, or sees one direction only",
					"a server that restarted: then the next request works",
				},
				Try: g.retrySteps(),
			}
			if len(g.Set) > 1 && g.all.answeredConsole > 0 {
				f.Confidence = flow.ConfidenceMedium
			}
			f.Because = append(f.Because, g.consoleWorks()...)
			g.ThroughProxy(&f)
			return f
		},
	}
}

// retrySteps test the hosts' addresses, TLS and first response where the calls were made.
func (g group) retrySteps() []flow.NextStep {
	return append([]flow.NextStep{
		shell("Test DNS, every address, TLS and a first request on "+g.Machine(), "detour probe "+joinHosts(g.Hosts())),
	}, g.Curl("Connect there without detour", "-v --connect-timeout 5")...)
}
