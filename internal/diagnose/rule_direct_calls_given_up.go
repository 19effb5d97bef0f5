package diagnose

import (
	"fmt"
	"time"

	"detour/internal/diagnose/ending"
	"detour/internal/diagnose/flowset"
	"detour/internal/diagnose/timeline"
	"detour/internal/flow"
)

// directCallsGivenUp is direct-calls-unanswered of a page with a timeout of its own: the
// browser then has no error but that the page cancelled the calls.
func directCallsGivenUp() Rule {
	return Rule{
		Code:  "direct-calls-given-up",
		Level: flow.LevelProblem,
		Meaning: "In a HAR, the page cancelled direct-endpoint calls after seconds, without a connection in the file, " +
			"while the console's own calls work.",
		HowKnown: "Two or more calls were cancelled after 3 seconds or longer without an address or a phase of a connection, " +
			"the host answered nothing, or only later over a new connection, and the page went on. Its own measurements may name the calls.",
		WhatElse: "A nameserver, or a TLS handshake, that gets no response; a person who cancelled them. " +
			"A call cancelled after it was sent, and all calls of a closed tab, don't count.",
		Asks: []flow.Ask{
			askEndpointUser(runThere),
			askAccountOwner(ifPrivate),
		},
		Concepts: []string{conceptInterfaceEndpoint, conceptSecurityGroup, conceptPreflight},
		Source:   "https://repost.aws/knowledge-center/vpc-fix-gateway-or-interface-endpoint",
		match:    func(f *flow.Flow, _ time.Time) bool { return mayBeGivenUp(f) },
		among:    func(f *flow.Flow, _ time.Time, o *overview) bool { return o.givenUp[f.ID] },
		explain: func(g group) flow.Finding {
			f := flow.Finding{
				Title: fmt.Sprintf("direct-endpoint calls to %s: given up by the page after seconds, while the console's own calls work: "+
					"consistent with TCP connects, DNS queries or TLS handshakes that get no response", g.ServiceList()),
				Because:    append(g.waitsInHAR(), append(g.affected(), g.consoleWorks()...)...),
				Confidence: flow.ConfidenceMedium,
				Alternatives: append([]string{
					"private addresses (interface endpoints in a VPC) whose security group, network ACL or route doesn't let " + g.Machine() + " in",
					"a nameserver that doesn't respond: nslookup then times out",
					"a server or device that accepts the connection and doesn't answer the TLS handshake, or a path that drops large packets (MTU): " +
						"the HAR shows neither",
				}, append(droppedThere(), unansweredPrompt)...),
				Try: g.directSteps(),
			}
			if w := g.witnesses(); len(w) > 0 {
				f.Because = append(f.Because, w...)
				f.Confidence = flow.ConfidenceHigh
			}
			return f
		},
	}
}

// mayBeGivenUp reports whether a flow is a direct call in a HAR that was cancelled after
// seconds without a connection.
func mayBeGivenUp(f *flow.Flow) bool {
	return ending.FromHAR(f) && direct(f) && ending.GaveUp(f) && f.Conn.Winner() == nil && f.Elapsed(f.Times.Done) >= Patience
}

// witnesses are the page's own measurements of the group's operations.
func (g group) witnesses() []string {
	return g.Ranges(func(f *flow.Flow) (out []flowset.Measured) {
		if f.AWS == nil {
			return nil
		}
		for _, b := range g.all.beacons {
			for _, m := range timeline.Measures(b) {
				if m.Name == f.AWS.Operation && m.Took >= Patience && b.Times.Start.After(f.Times.Start) {
					out = append(out, flowset.Took("the page's own beacon reports "+clean(m.Name)+": ", "", m.Took))
				}
			}
		}
		return out
	})
}

// waitsInHAR are how long each host's calls went on, and what the file says of their end.
func (g group) waitsInHAR() []string {
	return g.Ranges(func(f *flow.Flow) []flowset.Measured {
		took := f.Elapsed(g.now)
		if took < leastTelling {
			return nil
		}
		return []flowset.Measured{flowset.Took(flowset.HostOf(f)+": cancelled after ", " without an address or a connection in the file", took)}
	})
}

// ifPrivate asks for the rule of a security group, which only silence may do.
const ifPrivate = "If they go to private addresses that don't respond: in the security group of the interface endpoints for %e, " +
	"add an inbound rule for TCP port %t from that machine, or from its address after NAT."

// droppedThere is a cause of silence that isn't the endpoint's.
func droppedThere() []string {
	return []string{"a firewall or VPN in that network that drops these connections"}
}

// unansweredPrompt is the browser's own wait. It has no timeout: a call that timed out wasn't in it.
const unansweredPrompt = "Local Network Access: a permission prompt that nobody answered keeps a call waiting in the same way"

// directSteps find out on the machine what a HAR can't tell.
func (g group) directSteps() []flow.NextStep {
	return []flow.NextStep{
		shell("On that machine, in the same network, see whether DNS, TCP or TLS fails", "detour probe "+joinHosts(g.Hosts())),
		g.Resolve("There, without detour, resolve a name (10.x, 172.16–31.x and 192.168.x are private addresses)"),
	}
}

// cancellations sorts the calls that the client ended after seconds. given are those that a
// page gave up for want of a connection, asked those that a reachable host didn't answer, and
// cancelled those that say nothing: the host answers other calls, a newer call replaced them,
// it is a single slow one, or everything ended at once with the page.
func cancellations(o *overview) (given, asked, cancelled map[flow.ID]bool) {
	given, asked, cancelled = make(map[flow.ID]bool), make(map[flow.ID]bool), make(map[flow.ID]bool)
	var calls, without, with []*flow.Flow // without and with a connection
	for _, f := range o.unreached {
		if !ending.GaveUp(f) || f.Conn == nil || f.Elapsed(f.Times.Done) < Patience || f.Source == flow.SourceProbe ||
			ending.Silent(f, f.Times.Done) {
			continue
		}
		if o.outage != nil && !f.Times.Start.Before(o.outage.since) {
			continue // of no host's making
		}
		calls = append(calls, f)
	}
	if len(calls) == 0 {
		return given, asked, cancelled
	}
	line, timers := timeline.Of(o.flows, calls), timersOf(calls)
	for _, f := range calls {
		h := o.hosts.of(f)
		early := mayBeGivenUp(f) && h.metAfter(f.Times.Done)
		switch {
		case h.called && !early, line.Replaced(f), !line.GoesOn(f.Times.Done) && !timers.ended(f):
			cancelled[f.ID] = true
		case h.answered && !early, f.Conn.Winner() != nil, ending.Waited(f, f.Times.Done) >= Patience:
			with = append(with, f)
		default:
			without = append(without, f)
		}
	}
	into := asked
	if countCalls(with) < 2 {
		into = cancelled
	}
	for _, f := range with {
		into[f.ID] = true
	}
	several := countCalls(without) >= 2 && o.answeredConsole > 0
	for _, f := range without {
		given[f.ID] = several && mayBeGivenUp(f)
	}
	return given, asked, cancelled
}

// countCalls counts flows without preflights.
func countCalls(of []*flow.Flow) (n int) {
	for _, f := range of {
		if f.Request.Method != "OPTIONS" {
			n++
		}
	}
	return n
}
