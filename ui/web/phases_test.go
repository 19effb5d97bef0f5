package web

import (
	"net/netip"
	"testing"
	"time"

	"detour/internal/flow"
)

func TestPhases_aConnectFailsNoEarlierThanInTheTable(t *testing.T) {
	start := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	f := &flow.Flow{
		State: flow.StateConnecting, Times: flow.Times{Start: start},
		Conn: &flow.Conn{ID: 1, Start: start, Attempts: []flow.DialAttempt{
			{Addr: netip.MustParseAddrPort("10.0.1.23:443"), Outcome: flow.DialPending, Start: start},
		}},
	}
	for after, want := range map[time.Duration]string{time.Second: "connect", 10 * time.Second: "no-connect"} {
		found := false
		for _, p := range phasesOf(f, start.Add(after)) {
			found = found || p.name == want
		}
		if !found {
			t.Errorf("after %v: %+v, want %s", after, phasesOf(f, start.Add(after)), want)
		}
	}
}
