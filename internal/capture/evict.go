package capture

import (
	"slices"

	"detour/internal/flow"
)

// DefaultMax is the number of flows that are kept if Options.Max is 0. Including the
// overhead of garbage collection, a run stays below 40 MiB
// (docs/internals/performance.md).
const DefaultMax = 4_000

// DefaultBodies is how many bytes of bodies are kept if Options.Bodies is 0. Those of the
// oldest flows are dropped first.
const DefaultBodies = 8 << 20

// evict removes flows when there are 1/16 more than Max, so many Puts share its cost. It
// removes uninteresting flows of the older half first, then the oldest. Pending and marked
// flows stay; the proxy's connections and the user limit their number.
func (s *Store) evict() {
	if len(s.entries) <= s.opt.Max+s.opt.Max/16 {
		return
	}
	surplus := len(s.entries) - s.opt.Max
	half := s.entries[len(s.entries)/2].ID
	for _, goes := range []func(entry) bool{
		func(e entry) bool { return e.ID < half && uninteresting(e.Flow) },
		func(e entry) bool { return e.Final() && !e.Marked },
	} {
		s.entries = slices.DeleteFunc(s.entries, func(e entry) bool {
			if surplus == 0 || !goes(e) {
				return false
			}
			surplus--
			s.stats.Evicted++
			s.weight -= e.BodyBytes()
			return true
		})
	}
}

// uninteresting reports whether a flow is final, has no error and isn't an AWS call.
func uninteresting(f *flow.Flow) bool {
	if !f.Final() || f.Marked || f.Failure != nil || len(f.Findings) > 0 {
		return false
	}
	return f.Origin == flow.OriginStatic || f.Origin == flow.OriginTelemetry || f.Origin == flow.OriginOther
}
