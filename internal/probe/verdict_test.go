package probe

import (
	"net/netip"
	"strings"
	"testing"

	"detour/internal/flow"
)

func attempts(outcomes ...flow.DialOutcome) (out []flow.DialAttempt) {
	for _, o := range outcomes {
		out = append(out, flow.DialAttempt{Addr: netip.MustParseAddrPort("203.0.113.9:443"), Outcome: o})
	}
	return out
}

func TestVerdict_saysWhichPathWorks(t *testing.T) {
	private := &flow.Resolution{Addrs: []netip.Addr{netip.MustParseAddr("10.0.1.23")}}
	public := &flow.Resolution{Addrs: []netip.Addr{netip.MustParseAddr("203.0.113.1")}}
	dial, tls := &flow.Failure{Stage: flow.StageDial}, &flow.Failure{Stage: flow.StageTLS}
	silent := attempts(flow.DialTimeout, flow.DialTimeout, flow.DialTimeout)
	for _, c := range []struct {
		want string
		f    flow.Flow
	}{
		{
			"works over the public path, not over the private one: 0 of 3 connects to private 10.0.1.23 succeeded, 1 of 1 to public 203.0.113.9",
			flow.Flow{Failure: dial, Conn: &flow.Conn{Resolution: private, Attempts: silent, Elsewhere: attempts(flow.DialConnected)}},
		},
		{"works over neither path: 0 of 3", flow.Flow{
			Failure: dial,
			Conn:    &flow.Conn{Resolution: private, Attempts: silent, Elsewhere: attempts(flow.DialRefused)},
		}},
		{
			"works over the public path, and intermittently over the private one: 1 of 2",
			flow.Flow{Failure: dial, Conn: &flow.Conn{
				Resolution: private, Attempts: attempts(flow.DialConnected, flow.DialTimeout),
				Elsewhere: attempts(flow.DialConnected),
			}},
		},
		{
			"works over the public path, not over the path that this machine uses",
			flow.Flow{Failure: dial, Conn: &flow.Conn{Resolution: public, Attempts: silent, Elsewhere: attempts(flow.DialConnected)}},
		},
		{
			"can't be reached: 0 of 3 connects to public 203.0.113.1 succeeded",
			flow.Flow{Failure: dial, Conn: &flow.Conn{Resolution: public, Attempts: silent}},
		},
		{"connects, but TLS fails: 1 of 1", flow.Flow{
			Failure: tls,
			Conn:    &flow.Conn{Resolution: private, Attempts: attempts(flow.DialConnected)},
		}},
		{"responds (403): 1 of 1", flow.Flow{
			Response: &flow.Response{Status: 403},
			Conn:     &flow.Conn{Resolution: private, Attempts: attempts(flow.DialConnected)},
		}},
		{
			"responds (403): 1 of 1 connects to the upstream proxy",
			flow.Flow{Response: &flow.Response{Status: 403}, Conn: &flow.Conn{Attempts: attempts(flow.DialConnected)}},
		},
	} {
		if got := Verdict(Result{Flow: c.f, Tries: []Try{{}}}); !strings.HasPrefix(got, c.want) {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
	none := Result{Flow: flow.Flow{Failure: &flow.Failure{Stage: flow.StageDNS, Message: "nxdomain: \x1b[2J"}}}
	if got := Verdict(none); got != "no address to connect to: nxdomain: \uFFFD[2J" {
		t.Errorf("%q", got)
	}
}
