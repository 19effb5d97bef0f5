package report

import (
	"strings"
	"testing"
	"time"

	"detour/internal/flow"
)

// TestTCPOf_aHARsConnectMayHaveNoDuration: then none is shown, not 0.
func TestTCPOf_aHARsConnectMayHaveNoDuration(t *testing.T) {
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	f := &flow.Flow{
		Source: flow.SourceHAR, State: flow.StateDone, Times: flow.Times{Start: at, Done: at},
		Conn: &flow.Conn{Attempts: []flow.DialAttempt{{Outcome: flow.DialError, Start: at, Took: time.Nanosecond}}},
	}
	if got := tcpOf(f, at.Add(time.Hour)); got != "ERROR" {
		t.Errorf("TCP %q", got)
	}
	row := survey{last: at.Add(time.Hour)}.attempt(f.Conn.Attempts[0], "")
	if s := strings.Join(row, " "); strings.Contains(s, " ms") {
		t.Errorf("row %s", s)
	}
}
