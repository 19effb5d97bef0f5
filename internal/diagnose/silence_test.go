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
