package detail

import (
	"strings"
	"testing"
	"time"

	"detour/internal/flow"
	"detour/ui/flowtest"
	"detour/ui/pane"
	"detour/ui/table"
)

// TestTimings_thePhaseThatFailedIsThere, on the scale of the whole time: a server
// that accepts and resets after a while was waited for.
func TestTimings_thePhaseThatFailedIsThere(t *testing.T) {
	f := flowtest.Plain(1)
	f.Response, f.Reused = nil, false
	f.Conn = flowtest.Conn(flowtest.Lookup(flowtest.Start, "x", "127.0.0.1"),
		flowtest.Attempt(flowtest.Start, "127.0.0.1", flow.DialConnected, flowtest.Millis(.4)))
	f.Failure = &flow.Failure{Stage: flow.StageWait, Message: "connection reset by peer"}
	f.Times = flow.Times{
		Start: flowtest.Start, GotConn: flowtest.Start.Add(flowtest.Millis(.8)),
		WroteRequest: flowtest.Start.Add(flowtest.Millis(.9)), Done: flowtest.At(17_500),
	}
	lines := map[string]string{}
	var p pane.Page
	timingLines(&p, f, flowtest.At(20_000))
	for _, l := range p {
		lines[l.Label] = l.Text
	}
	if got := lines["wait"]; !strings.HasSuffix(got, " 17.5 s") || strings.Count(got, "█") < barWidth-1 {
		t.Errorf("wait: %q, want 17.5 s over the whole scale", got)
	}
	if got := lines["connect"]; strings.Count(got, "█") != 1 {
		t.Errorf("connect: %q, want one cell of %d", got, barWidth)
	}
}

func TestTimings_whatIsUnderWayRunsUntilNow(t *testing.T) {
	of := func(state flow.State, change func(*flow.Flow)) *flow.Flow {
		f := &flow.Flow{
			ID: 1, State: state, Source: flow.SourceProxy, Times: flow.Times{Start: flowtest.Start},
			Request: flow.Request{Method: "GET", URL: "https://x/"},
		}
		f.Conn = flowtest.Conn(flowtest.Lookup(flowtest.Start, "x", "10.0.1.23"),
			flowtest.Attempt(flowtest.Start, "10.0.1.23", flow.DialConnected, flowtest.Millis(10)))
		change(f)
		return f
	}
	for name, c := range map[string]struct {
		f    *flow.Flow
		want func(flow.Timings) time.Duration
	}{
		"resolving": {of(flow.StateResolving, func(f *flow.Flow) { f.Conn = flowtest.Conn(&flow.Resolution{Start: flowtest.Start}) }), func(t flow.Timings) time.Duration { return t.DNS }},
		"connecting": {of(flow.StateConnecting, func(f *flow.Flow) {
			f.Conn.Attempts = []flow.DialAttempt{flowtest.Attempt(flowtest.Start, "10.0.1.23", flow.DialPending, 0)}
		}), func(t flow.Timings) time.Duration { return t.Connect }},
		"handshaking": {
			of(flow.StateHandshaking, func(f *flow.Flow) { f.Conn.TLS = &flow.TLSInfo{Start: flowtest.Start} }),
			func(t flow.Timings) time.Duration { return t.SSL },
		},
		"waiting": {of(flow.StateWaiting, func(f *flow.Flow) {
			f.Times.GotConn, f.Times.WroteRequest = flowtest.Start,
				flowtest.Start
		}), func(t flow.Timings) time.Duration { return t.Wait }},
		"receiving": {of(flow.StateReceiving, func(f *flow.Flow) {
			f.Times.GotConn, f.Times.WroteRequest, f.Times.FirstByte = flowtest.Start, flowtest.Start, flowtest.Start
		}), func(t flow.Timings) time.Duration { return t.Receive }},
		"blocked": {of(flow.StateBlocked, func(f *flow.Flow) { f.Conn = nil }), func(t flow.Timings) time.Duration { return t.Blocked }},
	} {
		if got := c.want(Phases(c.f, flowtest.At(9000))); got != 9*time.Second {
			t.Errorf("%s: %v, want 9 s", name, got)
		}
	}
}

func TestDetail_ofAHARThatNamesNoConnection(t *testing.T) {
	f := &flow.Flow{
		ID: 1, State: flow.StateDone, Source: flow.SourceHAR, Request: flow.Request{Method: "GET", URL: "https://cdn.example/x.js"},
		Conn: &flow.Conn{Authority: "cdn.example:443"}, Failure: &flow.Failure{
			Stage:   flow.StageClient,
			Kind:    flow.KindBlockedByClient,
			Message: "net::ERR_BLOCKED_BY_CLIENT",
		},
	}
	got := pane.PlainText(Facts(f, nil, flowtest.Start))
	for _, want := range []string{"no connection to cdn.example:443 is known", "blocked in the browser by an extension"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	for _, wrong := range []string{"#0", "our certificate"} {
		if strings.Contains(got, wrong) {
			t.Errorf("%q in\n%s", wrong, got)
		}
	}
	f.Failure.Message, f.Failure.Kind = "net::ERR_ABORTED", flow.KindAborted
	if got := pane.PlainText(Facts(f, nil, flowtest.Start)); strings.Contains(got, "certificate") || !strings.Contains(got,
		"the browser canceled it") {
		t.Errorf("what a page called off:\n%s", got)
	}
	f.Failure, f.Response = nil, &flow.Response{Status: 200}
	if got := pane.PlainText(Facts(f, nil, flowtest.Start)); !strings.Contains(got, "connection    to cdn.example:443") {
		t.Errorf("an answer by a connection without a number:\n%s", got)
	}
}

// TestDNS_ofAnAddressAsksNothing: what isn't asked has no response.
func TestDNS_ofAnAddressAsksNothing(t *testing.T) {
	r := flowtest.Lookup(flowtest.Start, "127.0.0.1", "127.0.0.1")
	r.Source, r.Queries = flow.SourceLiteral, nil
	f := &flow.Flow{State: flow.StateDone, Conn: flowtest.Conn(r,
		flowtest.Attempt(flowtest.Start, "127.0.0.1", flow.DialConnected, flowtest.Millis(1)))}
	got := pane.PlainText(dnsPage(Subject{Flow: f, Now: flowtest.Start}))
	if strings.Contains(got, "Answer") || strings.Contains(got, " IN A") || !strings.Contains(got, "there was no DNS query") {
		t.Errorf("the DNS page of an address:\n%s", got)
	}
	if got := table.Path(table.Row{Flow: f, Now: flowtest.Start}); !strings.HasPrefix(got, "address loopback 127.0.0.1 → TCP ok") {
		t.Errorf("its route: %q", got)
	}
}
