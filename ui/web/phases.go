package web

import (
	"encoding/json"
	"time"

	"detour/internal/flow"
	"detour/ui/detail"
	"detour/ui/table"
)

// A phase is a part of a flow's time. In JSON it is an array of its name and its milliseconds.
type phase struct {
	name string
	took time.Duration
}

// MarshalJSON writes the phase in short: a page has 50,000 rows.
func (p phase) MarshalJSON() ([]byte, error) { return json.Marshal([2]any{p.name, flow.MS(p.took)}) }

// phaseNames are the names of phases, in the order of a request's life. They are also the
// classes that colour them. "open" is time that no phase explains.
func phaseNames() []string {
	return []string{"blocked", "dns", "connect", "no-connect", "tls", "send", "wait", "receive", "open"}
}

// phasesOf returns the phases of a flow, one after the other, no longer than it took.
func phasesOf(f *flow.Flow, now time.Time) (out []phase) {
	t, left := detail.Phases(f, now), max(0, table.Elapsed(f, now))
	connect := "connect"
	if f.Conn != nil && !f.Reused && f.Conn.Winner() == nil && (f.Final() || table.Stuck(f, now)) { // not before it counts as a failure
		connect = "no-connect"
	}
	for _, p := range []phase{
		{"blocked", t.Blocked},
		{"dns", t.DNS},
		{connect, t.Connect - max(0, t.SSL)},
		{"tls", t.SSL},
		{"send", t.Send},
		{"wait", t.Wait},
		{"receive", t.Receive},
	} {
		if p.took = min(p.took, left); p.took > 0 {
			out, left = append(out, p), left-p.took
		}
	}
	if left >= time.Millisecond {
		out = append(out, phase{"open", left})
	}
	return out
}
