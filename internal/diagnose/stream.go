package diagnose

import (
	"time"

	"detour/internal/diagnose/compact"
	"detour/internal/diagnose/nextstep"
	"detour/internal/flow"
)

// A Stream judges flows that come one by one, and keeps little of those that are healthy.
type Stream struct {
	now  time.Time
	all  compact.Flows
	seen overview
}

// NewStream returns a Stream of flows, all of which have ended, at an instant.
func NewStream(now time.Time) *Stream {
	s := &Stream{now: now}
	s.seen = newOverview(s.all.All())
	return s
}

// Add adds a flow, which must not change any more. The IDs of flows increase.
func (s *Stream) Add(f *flow.Flow) {
	s.all.Add(f)
	s.seen.note(f, s.now)
}

// Findings are what [RunOn] finds in the flows.
func (s *Stream) Findings(machine *flow.Environment) []flow.Finding {
	s.seen.conclude(s.now)
	return findings(judgeAll(s.seen, s.now, nextstep.SystemOf(machine)))
}
