package diagnose

import (
	"strings"
	"testing"
	"time"

	"detour/internal/flow"
)

// A server that gets no ClientHello ends the connection after some seconds: the reset is the
// end of a silence, and not an answer to the hello.
func TestRun_aResetAfterSecondsIsASilence(t *testing.T) {
	for took, want := range map[time.Duration]string{
		20 * time.Millisecond: "a stateful firewall that sees only one direction",
		10 * time.Second:      "a path that drops large packets, or a firewall or server that doesn't answer the ClientHello",
	} {
		f := call(1, flow.OriginDirect, logs, "A", "10.0.1.24")
		f.Conn.Attempts[0].Outcome = flow.DialConnected
		f.Failure = &flow.Failure{Stage: flow.StageTLS, Message: "reset"}
		f.Conn.TLS = &flow.TLSInfo{Outcome: flow.TLSReset, Took: took, Err: "reset"}
		got := Run([]*flow.Flow{f}, t0.Add(time.Hour))
		if len(got) != 1 || got[0].Code != "tls-failed" || !strings.Contains(got[0].Title, want) {
			t.Errorf("after %v: %+v, want %q", took, got, want)
		}
	}
}

func TestRun_addressesThatAClientMakesUpAreNotBlamedOnAFirewall(t *testing.T) {
	got := Run([]*flow.Flow{call(1, flow.OriginDirect, logs, "A", "198.18.0.13")}, t0.Add(time.Hour))
	if len(got) != 1 || got[0].Code != "connect-timeout" || !strings.Contains(got[0].Title, "makes up these addresses") {
		t.Errorf("got %+v", got)
	}
}

// A page gives its calls up while the browser's preflights go on connecting: they are all
// that is left of the slow path.
func TestRun_preflightsThatConnectLateAreSlow(t *testing.T) {
	preflight := func(id flow.ID, host string, connect time.Duration) *flow.Flow {
		f := answered(id, flow.OriginDirect, host, "10.0.1.24", "")
		f.Request.Method, f.Response.Headers = "OPTIONS", []flow.Header{{Name: "Access-Control-Allow-Origin", Value: "*"}}
		for i := range f.Conn.Attempts {
			f.Conn.Attempts[i].Took = connect
		}
		f.Times.WroteRequest, f.Times.FirstByte = f.Times.Start.Add(connect), f.Times.Start.Add(connect+5*time.Millisecond)
		return f
	}
	got := Run([]*flow.Flow{preflight(1, logs, 7*time.Second), preflight(2, metrics, 7*time.Second)}, t0.Add(time.Hour))
	if len(got) != 1 || got[0].Code != "slow-responses" {
		t.Errorf("got %+v", got)
	}
	if got := Run([]*flow.Flow{preflight(1, logs, 7*time.Millisecond), preflight(2, metrics, 7*time.Millisecond)}, t0.Add(time.Hour)); len(got) != 0 {
		t.Errorf("quick ones: %+v", got)
	}
}
