package report

import (
	"strings"
	"testing"
	"time"

	"detour/internal/flow"
)

// TestAttempts_aHARsConnectMayHaveNoDuration: then none is shown, not 0.
func TestAttempts_aHARsConnectMayHaveNoDuration(t *testing.T) {
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	f := &flow.Flow{
		Source: flow.SourceHAR, State: flow.StateDone, Times: flow.Times{Start: at, Done: at},
		Conn: &flow.Conn{Attempts: []flow.DialAttempt{{Outcome: flow.DialError, Start: at, Took: time.Nanosecond}}},
	}
	var all attempts
	all.add(f.Conn.Attempts[0], at.Add(time.Hour), "")
	if s := strings.Join(all.table().Rows[0], " "); strings.Contains(s, " ms") {
		t.Errorf("row %s", s)
	}
}
