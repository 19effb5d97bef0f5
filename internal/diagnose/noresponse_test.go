package diagnose

import (
	"strings"
	"testing"
	"time"

	"detour/internal/flow"
)

// TestRun_aTimeoutThatTheClientDidNotWaitFor: the client leaves before a timeout, or is
// still there.
func TestRun_aTimeoutThatTheClientDidNotWaitFor(t *testing.T) {
	gone := &flow.Failure{Stage: flow.StageClient, Message: "the client canceled the request"}
	start := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	hello := func(took time.Duration, under bool) *flow.Flow {
		f := call(1, flow.OriginDirect, logs, "X", "10.0.1.24")
		f.Conn.Attempts[0].Outcome, f.Conn.Attempts[0].Took = flow.DialConnected, time.Millisecond
		f.Conn.TLS, f.Failure = &flow.TLSInfo{Outcome: flow.TLSError, Start: start, Took: took, Err: "context canceled"}, gone
		if under {
			f.State, f.Failure, f.Conn.TLS.Outcome, f.Conn.TLS.Took = flow.StateHandshaking, nil, flow.TLSPending, 0
		}
		return f
	}
	lookup := func(took time.Duration, rcode string, under bool) *flow.Flow {
		f := call(1, flow.OriginDirect, logs, "X", "10.0.1.24")
		f.Conn.Attempts, f.Failure = nil, gone
		f.Conn.Resolution = &flow.Resolution{
			Outcome: flow.DNSError, Start: start, Took: took, Err: "canceled",
			Queries: []flow.DNSQuery{{RCode: rcode}},
		}
		if under {
			f.State, f.Failure, f.Conn.Resolution.Outcome, f.Conn.Resolution.Took = flow.StateResolving, nil, flow.DNSPending, 0
		}
		return f
	}
	leftAfter := func(d time.Duration) func(f *flow.Flow) {
		return func(f *flow.Flow) {
			f.State, f.Failure, f.Times.Start, f.Times.Done = flow.StateDone, gone, start, start.Add(d)
		}
	}
	for name, tc := range map[string]struct {
		f    *flow.Flow
		now  time.Time
		code string
		says string
	}{
		"the client left a silent handshake": {
			hello(10*time.Second, false), start, "tls-failed",
			"no response to the ClientHello before the client gave up",
		},
		"the client left a handshake that stalled": {
			stalled(hello(10*time.Second, false)), start, "tls-failed", "the server had sent 9 B of its response",
		},
		"the client left, and the record is as it was": {
			with(hello(0, true), leftAfter(10*time.Second)), start.Add(time.Hour), "tls-failed",
			"timeout after 10.0 s, no response to the ClientHello before the client gave up",
		},
		"the client left early, as the record was": {with(hello(0, true), leftAfter(time.Second)), start.Add(time.Hour), "", ""},
		"the client left a question, as the record was": {
			with(lookup(0, "", true), leftAfter(10*time.Second)), start.Add(time.Hour),
			"dns-failed", "timeout",
		},
		"the client left soon": {hello(time.Second, false), start, "", ""},
		"a handshake is under way for long": {
			hello(0, true), start.Add(4 * time.Second), "tls-failed",
			"the handshake isn't finished so far",
		},
		"a handshake is under way":                    {hello(0, true), start.Add(2 * time.Second), "", ""},
		"the client left while no nameserver answers": {lookup(10*time.Second, "", false), start, "dns-failed", "timeout"},
		"the client left, and one had answered":       {lookup(10*time.Second, "NOERROR", false), start, "", ""},
		"a question is under way for long":            {lookup(0, "", true), start.Add(4 * time.Second), "dns-failed", "timeout"},
		"a question is under way":                     {lookup(0, "", true), start.Add(time.Second), "", ""},
	} {
		found := Run([]*flow.Flow{tc.f}, tc.now)
		switch {
		case tc.code == "" && len(found) > 0:
			t.Errorf("%s: %s", name, found[0].Code)
		case tc.code == "":
		case len(found) != 1 || found[0].Code != tc.code || !strings.Contains(strings.Join(found[0].Because, "\n"), tc.says):
			t.Errorf("%s: %+v, want %s with %q", name, found, tc.code, tc.says)
		case found[0].Provisional == tc.f.Final():
			t.Errorf("%s: provisional %v", name, found[0].Provisional)
		}
	}
}

// stalled is a flow whose handshake the server began to answer.
func stalled(f *flow.Flow) *flow.Flow {
	info := *f.Conn.TLS
	info.Received = 9
	f.Conn.TLS = &info
	return f
}
