package diagnose

import (
	"cmp"
	"fmt"
	"time"

	"detour/internal/diagnose/flowset"
	"detour/internal/flow"
)

func addressUnanswered() Rule {
	return Rule{
		Code:     "address-unanswered",
		Level:    flow.LevelProblem,
		connects: true,
		Meaning:  "Some addresses of an AWS host respond to a TCP connect, and others don't.",
		HowKnown: "One connect was accepted while another timed out, had no answer 3 seconds after that, or failed when it was tried alone.",
		WhatElse: "A network ACL or route of one subnet, a deleted endpoint network interface whose DNS record remains, " +
			"one of two tunnels that is down.",
		Asks:     []flow.Ask{askNetworkTeam(reachAll)},
		Concepts: []string{conceptInterfaceEndpoint, conceptSecurityGroup},
		Source:   "https://docs.aws.amazon.com/vpc/latest/privatelink/interface-endpoints.html",
		lasting:  true,
		match: func(f *flow.Flow, now time.Time) bool {
			return f.Conn.Winner() != nil && !f.Reused && len(deadAttempts(f, now)) > 0
		},
		explain: func(g group) flow.Finding {
			return flow.Finding{
				Title: fmt.Sprintf("%s: some addresses respond and others don't: consistent with one subnet's network ACL or route", g.HostList()),
				Because: append(g.Ranges(func(f *flow.Flow) []flowset.Measured { return deadAndAlive(f, g.now) }),
					"a client that tries addresses one by one waits for the dead one; a client that races them (RFC 8305) loses a quarter of a second"),
				Confidence: flow.ConfidenceMedium,
				Alternatives: []string{
					"the endpoint's network interface in that Availability Zone was deleted, and its DNS record remains",
					"one of two VPN tunnels or virtual interfaces is down, and the return route uses the other",
				},
				Try: []flow.NextStep{shell("Try every address three times", "detour probe --tries 3 "+g.Host())},
			}
		},
	}
}

const reachAll = "Allow %f to reach every address of %h (%a) on TCP port %t, or remove the unreachable ones from DNS."

// deadAndAlive are the addresses of a flow's host that don't respond, and the one that
// does.
func deadAndAlive(f *flow.Flow, now time.Time) (out []flowset.Measured) {
	for _, a := range deadAttempts(f, now) {
		how := cmp.Or(string(a.Outcome), "no response")
		if a.Unanswered(now, Patience) {
			how = "no response"
		}
		if _, alone := f.LaterOf(flow.LaterLoser, a.Addr); alone {
			how += " when tried alone,"
		}
		before := fmt.Sprintf("%s at %s: %s after ", flowset.HostOf(f), a.Addr.Addr(), how)
		out = append(out, flowset.Took(before, "", a.Elapsed(now)))
	}
	w := f.Conn.Winner()
	return append(out, flowset.Took(fmt.Sprintf("%s at %s: connected in ", flowset.HostOf(f), w.Addr.Addr()), "", w.Took))
}

// deadAttempts are the attempts that failed on their own, or had no answer for as long as
// [Patience] after another connected: if that one took long as well, the path is slow. Of one
// that lost the race and was tried alone since, that is what counts, if it had longer than
// the other took. An unreachable public address is left out: it may only mean that the
// machine has no IPv6.
func deadAttempts(f *flow.Flow, now time.Time) (out []flow.DialAttempt) {
	w := f.Conn.Winner()
	for _, a := range f.Conn.Attempts {
		l, alone := f.LaterOf(flow.LaterLoser, a.Addr)
		if alone = alone && a.Outcome == flow.DialLost; alone {
			a = l.Attempt()
		}
		silent := a.Unanswered(now, Patience)
		if alone && w != nil && w.Took >= Patience {
			silent = silent && a.Elapsed(now) >= w.Took+Patience
		}
		if w != nil && silent && a.Outcome != flow.DialTimeout {
			silent = a.Start.Add(a.Elapsed(now)).Sub(w.Start.Add(w.Took)) >= Patience
		}
		switch {
		case silent, a.Outcome == flow.DialRefused,
			a.Outcome == flow.DialUnreachable && flow.ScopeOf(a.Addr.Addr()).InVPC():
			out = append(out, a)
		}
	}
	return out
}
