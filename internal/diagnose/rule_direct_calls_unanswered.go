package diagnose

import (
	"fmt"
	"time"

	"detour/internal/diagnose/ending"
	"detour/internal/flow"
)

// directCallsUnanswered is private-endpoint-unreachable as a HAR shows it: without the
// addresses.
func directCallsUnanswered() Rule {
	return Rule{
		Code:     "direct-calls-unanswered",
		Level:    flow.LevelProblem,
		Meaning:  "In a HAR, direct-endpoint calls got no response: the connect was neither accepted nor refused.",
		HowKnown: "The browser's own word for a timeout; or calls without a connection or a response that went on for at least 3 seconds.",
		WhatElse: "A HAR has no address for a call that failed. Only that machine can tell whether the address was private.",
		Asks: []flow.Ask{
			askEndpointUser(runThere),
			askAccountOwner(ifPrivate),
		},
		Concepts: []string{conceptInterfaceEndpoint, conceptSecurityGroup},
		Source:   "https://repost.aws/knowledge-center/vpc-fix-gateway-or-interface-endpoint",
		match: func(f *flow.Flow, now time.Time) bool {
			if !ending.FromHAR(f) || !direct(f) || f.Conn != nil && f.Conn.Resolution.AllInVPC() && ending.Unanswered(f.Conn, now) {
				return false // a few exporters record the address: private-endpoint-unreachable says more
			}
			if ending.Is(f, flow.KindTimeout, flow.KindResponseTimeout) {
				return !askedInVain(f, now)
			}
			return f.Elapsed(now) >= Patience && ending.Is(f, flow.KindNoConnection, flow.KindConnectFailed,
				flow.KindTLSSilent, flow.KindUnknown)
		},
		explain: explainDirectCalls,
	}
}

const runThere = "Run detour on that machine and open the same page: this HAR doesn't show where the calls to %h fail."

// leastTelling is the shortest time that says something about a failed connect.
// Playwright writes none, and mitmproxy only that of the request.
const leastTelling = 10 * time.Millisecond

func explainDirectCalls(g group) flow.Finding {
	f := flow.Finding{Confidence: flow.ConfidenceMedium}
	f.Because = append(g.endings(), g.affected()...)
	while, cause := "", "a network that blocks outbound connections, or private addresses that don't respond"
	if g.all.answeredConsole > 0 {
		while, cause = " while the console's own calls work", "private addresses (interface endpoints) that don't respond to "+g.Machine()
		f.Because = append(f.Because, g.consoleWorks()...)
	}
	f.Title = fmt.Sprintf("direct-endpoint calls to %s get no response%s: consistent with %s", g.ServiceList(), while, cause)
	f.Alternatives = append([]string{
		"the security group or network ACL of the interface endpoints doesn't let " + g.Machine() +
			" in: both drop, and never refuse",
		"no route to the VPC, or none back; a VPN or Direct Connect that is down",
	}, droppedThere()...)
	if !g.Each(func(f *flow.Flow) bool {
		return ending.Kind(f) == flow.KindTimeout || ending.Kind(f) == flow.KindNeverSent
	}) {
		f.Alternatives = append(f.Alternatives, unansweredPrompt)
	}
	f.Try = append(g.directSteps(), g.Endpoints()...)
	if !g.Each(knowsWhy) {
		// Firefox writes neither an error nor an address, and often no duration.
		f.Title = fmt.Sprintf("direct-endpoint calls to %s get no connection or no response%s, and the HAR doesn't say why",
			g.ServiceList(), while)
		f.Because = append(f.Because, whatFirefoxLeavesOut)
		f.Alternatives = unknownEndings()
		f.Try = g.directSteps()
		f.Asks = []flow.Ask{askEndpointUser(runThere)}
	}
	f.Because = append(f.Because, g.witnesses()...)
	return f
}

// knowsWhy reports whether the exporter gave a reason for a failure.
func knowsWhy(f *flow.Flow) bool {
	switch ending.Kind(f) { //nolint:exhaustive // all others are reasons
	case flow.KindUnknown, flow.KindNoConnection, flow.KindConnectFailed, flow.KindTLSSilent, flow.KindNeverSent, flow.KindNoResponse, "":
		return false
	}
	return true
}

const whatFirefoxLeavesOut = "the file has no error, no address and often no duration of a call that failed: " +
	"silence, a refusal, a missing route and a name that doesn't resolve look the same in it"

// unknownEndings are the causes of a failure that an exporter doesn't explain.
func unknownEndings() []string {
	return []string{
		"addresses that don't respond: a firewall, security group or network ACL that drops, or a route that is missing",
		"a connection that was refused or reset, or a path that drops large packets (MTU)",
		"a name that doesn't resolve on that machine",
		"the browser's own refusal: an extension, a policy, or Local Network Access",
	}
}
