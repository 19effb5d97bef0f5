package diagnose

import (
	"fmt"
	"slices"
	"time"

	"detour/internal/diagnose/ending"
	"detour/internal/diagnose/flowset"
	"detour/internal/flow"
	"detour/internal/wording"
)

// slowResponses is a host whose calls all take long while something quick shows that it
// isn't the whole network.
func slowResponses() Rule {
	return informational(Rule{
		Code:    "slow-responses",
		Meaning: "Calls to a host take seconds, while its preflights, or other hosts at the same time, answer at once.",
		HowKnown: "Two or more calls, and at least half of all calls to the host, waited 3 seconds or longer for the response, or their " +
			"connect took 1 second or longer; something else took less than a tenth of that.",
		WhatElse: "Operations that take that long, as large queries do.",
		Asks: []flow.Ask{askNetworkTeam("Find what delays requests from %m to %h (%a): " +
			"a proxy or firewall that inspects them, or a path that loses packets.")},
		Source: "https://www.rfc-editor.org/rfc/rfc6298#section-2",
		match:  func(*flow.Flow, time.Time) bool { return false },
		among:  func(f *flow.Flow, _ time.Time, o *overview) bool { return o.slow[f.ID] },
		explain: func(g group) flow.Finding {
			f := flow.Finding{
				Title: fmt.Sprintf("%s: responses are slow: consistent with a device on the path that delays them, "+
					"a path that loses packets, or a slow service", g.HostList()),
				Because: append(g.Ranges(func(f *flow.Flow) (out []flowset.Measured) {
					if w := waitOf(f); w >= slowWait {
						out = append(out, flowset.Took(flowset.HostOf(f)+": first byte of the response to "+nameOf(f)+" after ", "", w))
					}
					if c := connectTime(f); c >= slowConnect {
						out = append(out, flowset.Took(flowset.HostOf(f)+": TCP connect took ", "", c))
					}
					return out
				}), "the quickest response of any AWS host at hand: "+wording.Duration(g.all.quickest)),
				Confidence: flow.ConfidenceLow,
				Alternatives: []string{
					"operations that take that long: then they do so from another network, too",
				},
				Try: []flow.NextStep{shell("Measure DNS, every address, TLS and a first request several times on "+g.Machine(),
					"detour probe --tries 3 "+joinHosts(g.Hosts()))},
			}
			if !g.Each(func(f *flow.Flow) bool { return connectTime(f) < slowConnect }) {
				f.Alternatives = []string{"lost packets: a connect of 1, 3 or 7 seconds lost one, two or three SYNs"}
			}
			return f
		},
	})
}

// What is slow: three seconds is what a page's user notices as broken, and one second is the
// first retransmission of a SYN (RFC 6298, 2.1).
const (
	slowWait    = 3 * time.Second
	slowConnect = time.Second
)

// waitOf is how long a flow waited for the first byte of its response; 0 if it isn't known.
func waitOf(f *flow.Flow) time.Duration {
	if f.Phases != nil {
		return max(0, f.Phases.Wait)
	}
	if f.Times.WroteRequest.IsZero() || f.Times.FirstByte.IsZero() {
		return 0
	}
	return f.Times.FirstByte.Sub(f.Times.WroteRequest)
}

// connectTime is how long a flow's own connection took to be accepted.
func connectTime(f *flow.Flow) time.Duration {
	if f.Reused || f.Conn.Winner() == nil {
		return 0
	}
	return f.Conn.Winner().Took
}

// noteWait adds how long a flow's response took, and reports whether it was slow.
func (o *overview) noteWait(f *flow.Flow, h *hostRecord) (slow bool) {
	if f.Response == nil || !f.Final() || !ending.Concerns(f) || f.Source == flow.SourceProbe || f.Response.Status == 101 {
		return false
	}
	wait := waitOf(f)
	if wait > 0 && (o.quickest == 0 || wait < o.quickest) {
		o.quickest = wait
	}
	preflight := f.Request.Method == "OPTIONS"
	if !direct(f) || takesLong(f) || preflight && connectTime(f) < slowConnect { // its connect is that of the calls after it
		return false
	}
	h.timed++
	if slow = wait >= slowWait || connectTime(f) >= slowConnect; slow {
		h.slow = append(h.slow, f)
	}
	return slow
}

// slowCalls returns the slow calls to hosts that are slow for most of them.
func (r hostRecords) slowCalls(quickest time.Duration) map[flow.ID]bool {
	slow := make(map[flow.ID]bool)
	for _, h := range r {
		if 2*len(h.slow) < h.timed {
			continue
		}
		for _, f := range h.slow {
			if quickest > 0 && quickest*10 <= max(waitOf(f), connectTime(f)) {
				slow[f.ID] = true
			}
		}
	}
	if len(slow) < 2 {
		return nil
	}
	return slow
}

// takesLong reports whether an operation waits by design: for messages, for events, or for a
// function's result.
func takesLong(f *flow.Flow) bool {
	if f.AWS == nil {
		return false
	}
	return slices.Contains([]string{
		"sqs:ReceiveMessage", "lambda:Invoke", "lambda:InvokeWithResponseStream", "logs:StartLiveTail", "states:StartSyncExecution",
		"states:GetActivityTask", "bedrock-runtime:InvokeModel", "bedrock-runtime:InvokeModelWithResponseStream", "bedrock-runtime:Converse",
		"bedrock-runtime:ConverseStream", "kinesis:SubscribeToShard", "swf:PollForDecisionTask", "swf:PollForActivityTask",
		"runtime.sagemaker:InvokeEndpoint", "rds-data:ExecuteStatement",
	}, f.AWS.Service+":"+f.AWS.Operation)
}
