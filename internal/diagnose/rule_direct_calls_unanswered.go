package diagnose

import (
	"fmt"
	"strings"
	"time"

	"detour/internal/flow"
)

// directCallsUnanswered is private-endpoint-unreachable as a HAR shows it: without the
// addresses.
func directCallsUnanswered() Rule {
	return Rule{
		Code:     "direct-calls-unanswered",
		Level:    flow.LevelProblem,
		Meaning:  "In a HAR, direct-endpoint calls couldn't connect.",
		HowKnown: "The browser reports a connection error for a direct-endpoint call, or the call got no response for at least 3 seconds.",
		WhatElse: "A HAR has no address for a call that failed. Only that machine can tell whether the address was private.",
		Asks: []flow.Ask{
			askEndpointUser("Run detour on that machine and open the same page: this HAR doesn't show where the calls to %h fail."),
			askAccountOwner("If they go to private addresses: in the security group of the interface endpoints for %e, " +
				"add an inbound rule for TCP port 443 from that machine."),
		},
		Source: "https://repost.aws/knowledge-center/vpc-fix-gateway-or-interface-endpoint",
		match: func(f *flow.Flow, now time.Time) bool {
			if f.Source != flow.SourceHAR || f.Origin != flow.OriginDirect || f.Failure == nil || f.Failure.Stage == flow.StageClient {
				return false
			}
			if f.Conn != nil && f.Conn.Resolution.AllInVPC() && unanswered(f.Conn, now) {
				return false // a few exporters record the address: private-endpoint-unreachable says more
			}
			return f.Failure.Stage == flow.StageDial || f.Failure.Stage == flow.StageWait && f.Elapsed(now) >= Patience
		},
		explain: explainDirectCalls,
	}
}

// leastTelling is the shortest time that says something about a failed connect.
// Playwright writes none, and mitmproxy only that of the request.
const leastTelling = 10 * time.Millisecond

func explainDirectCalls(g group) flow.Finding {
	f := flow.Finding{Confidence: flow.ConfidenceMedium}
	f.Because = g.distinct(func(f *flow.Flow) []string {
		if f.Elapsed(g.now) < leastTelling {
			return []string{hostOf(f) + ": " + clean(f.Failure.Message)}
		}
		return nil
	})
	f.Because = append(f.Because, g.ranges(func(f *flow.Flow) []measured {
		took, message := f.Elapsed(g.now), ": "+clean(f.Failure.Message)
		if took < leastTelling {
			return nil
		}
		if system, n, ok := giveUpOf(took); ok {
			message = " (" + connectTimeouts(n, system) + ")" + message
		}
		return []measured{{hostOf(f) + ": failed after ", message, took}}
	})...)
	f.Because = append(f.Because, g.affected()...)
	while, cause := "", "a network that blocks outbound connections, or private addresses that don't respond"
	if g.all.answeredConsole > 0 {
		while, cause = " while the console's own calls work", "interface endpoints in a VPC whose security group doesn't allow that machine"
		f.Because = append(f.Because, g.consoleWorks()...)
	}
	f.Title = fmt.Sprintf("direct-endpoint calls to %s can't connect%s: consistent with %s", g.serviceList(), while, cause)
	f.Alternatives = []string{
		"a firewall or upstream proxy in that network that blocks these names",
		"a browser extension or policy: open the page without extensions to rule this out",
		"Local Network Access: browsers ask for permission before a public page may call a private address",
	}
	f.Try = append([]flow.NextStep{
		shell("On that machine, in that network, test every address of the hosts", "detour probe "+strings.Join(g.hosts(), " ")),
		shell("Without detour, resolve a host there (10.x, 172.16–31.x and 192.168.x are private addresses)", "nslookup "+g.host()),
	}, g.endpointSteps()...)
	return f
}
