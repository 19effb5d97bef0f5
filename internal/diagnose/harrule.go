package diagnose

import (
	"fmt"
	"strings"
	"time"

	"detour/internal/flow"
	"detour/internal/wording"
)

// directUnanswered is the story as a HAR tells it: calls that the page makes
// itself get no connection. The HAR doesn't say to which address.
func directUnanswered() Rule {
	return Rule{
		Code:     "direct-calls-unanswered",
		Level:    flow.LevelProblem,
		Meaning:  "In a HAR, calls that the page makes itself got no connection.",
		HowKnown: "The browser's error for a direct-endpoint call is one of a connect, or it gave no answer for 3 seconds.",
		WhatElse: "A HAR names no address for a call that failed: whether it was private, only that machine can tell.",
		Asks: []flow.Ask{
			askEndpointUser("Run detour on that machine with the same page: what was sent here doesn't say where the calls to %h end."),
			askAccountOwner("If they turn out to go to private addresses: in the security group of the interface endpoints for %e, an inbound rule for TCP port 443 from that machine."),
		},
		Source: "https://repost.aws/knowledge-center/vpc-fix-gateway-or-interface-endpoint",
		match: func(f *flow.Flow, now time.Time) bool {
			if f.Source != flow.SourceHAR || f.Origin != flow.OriginDirect || f.Failure == nil || f.Failure.Stage == flow.StageClient {
				return false
			}
			if f.Conn != nil && f.Conn.Resolution.AllInVPC() && unanswered(f.Conn, now) {
				return false // a few exporters do say where to: private-endpoint-unreachable knows more
			}
			return f.Failure.Stage == flow.StageDial || f.Failure.Stage == flow.StageWait && f.Elapsed(now) >= Patience
		},
		explain: explainDirect,
	}
}

// untold is a time that says nothing of a connect that failed: Playwright writes
// none, and mitmproxy that of the request alone.
const untold = 10 * time.Millisecond

func explainDirect(g group) flow.Finding {
	f := flow.Finding{Confidence: flow.ConfidenceMedium}
	f.Because = g.distinct(func(f *flow.Flow) []string {
		s := fmt.Sprintf("%s: %s", hostOf(f), clean(f.Failure.Message))
		if took := f.Elapsed(g.now); took >= untold {
			s = fmt.Sprintf("%s: %.1f s, then %s", hostOf(f), took.Seconds(), clean(f.Failure.Message))
		}
		if system, n, ok := giveUpOf(f.Elapsed(g.now)); ok {
			s += fmt.Sprintf(": as long as %s tries to connect", system)
			if n > 1 {
				s += fmt.Sprintf(", %d times", n)
			}
		}
		return []string{s}
	})
	if c := g.calls(); len(c) > 0 {
		f.Because = append(f.Because, "calls affected: "+list(c, ""))
	}
	if p := g.pages(); len(p) > 0 {
		f.Because = append(f.Because, "pages affected: "+list(p, ""))
	}
	if es := g.endpointServices(); len(es) > 0 {
		f.Because = append(f.Because, "interface endpoints of a VPC that would carry them: "+list(es, ""))
	}
	while, cause := "", "a network that doesn't let them out, or private addresses that don't answer"
	if g.all.answeredConsole > 0 {
		while, cause = " while the console's own calls work", "interface endpoints in a VPC whose security group doesn't admit that machine"
		f.Because = append(f.Because, fmt.Sprintf("%s relayed by the console's servers got an answer", wording.Count(g.all.answeredConsole, "console-origin call")))
	}
	f.Title = fmt.Sprintf("calls that the page makes itself, to %s, get no connection%s: consistent with %s", list(g.services(), "AWS"), while, cause)
	f.Alternatives = []string{
		"a firewall or an upstream proxy of that network that turns these names down",
		"an extension of the browser, or its policy: a window without extensions tells",
		"Local Network Access: browsers ask leave before a public page may call a private address",
	}
	f.Try = texts(
		"on that machine, in that network: detour probe "+strings.Join(g.hosts(), " "),
		"without detour: nslookup "+g.hosts()[0]+" there; 10.…, 172.16–31.… or 192.168.… is an address in a VPC",
	)
	f.Try = append(f.Try, texts(tryPrivate(g)...)...)
	return f
}

// localNetwork is a call that the browser itself refused.
func localNetwork() Rule {
	return Rule{
		Code:     "local-network-access-blocked",
		Level:    flow.LevelProblem,
		Meaning:  "A browser refused to let a public page call a private address.",
		HowKnown: "The browser's own error.",
		WhatElse: "Nothing: the error says it. Whether the address would answer is another question.",
		Asks:     []flow.Ask{askEndpointUser("Allow the console's site local network access in the browser.")},
		Source:   "https://developer.chrome.com/blog/local-network-access",
		match: func(f *flow.Flow, _ time.Time) bool {
			return f.Failure != nil && (strings.Contains(f.Failure.Message, "LOCAL_NETWORK_ACCESS") || strings.Contains(f.Failure.Message, "PRIVATE_NETWORK_ACCESS"))
		},
		explain: func(g group) flow.Finding {
			return flow.Finding{
				Title:      fmt.Sprintf("%s: the browser refuses the call: the name leads to a private address, and the page is public", list(g.hosts(), "")),
				Because:    g.distinct(func(f *flow.Flow) []string { return []string{hostOf(f) + ": " + clean(f.Failure.Message)} }),
				Confidence: flow.ConfidenceHigh,
				Alternatives: []string{
					"behind detour the same page works, as the browser talks to loopback then: that proves nothing for a browser without it",
				},
				Try: texts(
					"allow the console's site local network access when the browser asks, or in its site settings",
					"by policy: LocalNetworkAccessAllowedForUrls for https://[*.]console.aws.amazon.com (Chrome and Edge)",
					"detour probe "+strings.Join(g.hosts(), " ")+" on that machine: does the address answer at all?",
				),
			}
		},
	}
}
