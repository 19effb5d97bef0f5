package diagnose

import (
	"slices"
	"time"

	"detour/internal/flow"
)

// hold is how long a finding stays unchanged after its pattern has disappeared.
const hold = 2 * time.Second

// keepResolved is how long a resolved finding stays visible.
const keepResolved = 5 * time.Minute

// A Tracker follows findings over time: none flickers while somebody reads it.
// The zero value is ready to use. It is not safe for concurrent use.
type Tracker struct{ known []tracked }

type tracked struct {
	flow.Finding
	last time.Time // when it was last found
}

// Update takes the findings at now, and returns those to show: these, and those of a
// moment ago. A finding that has disappeared is shown as resolved; a provisional one is
// dropped.
func (t *Tracker) Update(found []flow.Finding, now time.Time) []flow.Finding {
	out := slices.Clone(found)
	next := make([]tracked, 0, len(found))
	for _, f := range found {
		next = append(next, tracked{f, now})
	}
	for _, k := range t.known {
		if slices.ContainsFunc(found, func(f flow.Finding) bool { return f.Code == k.Code }) {
			continue
		}
		since := now.Sub(k.last)
		switch {
		case since < hold:
		case k.Provisional, since >= keepResolved:
			continue
		case !k.Resolved:
			k.Level, k.Resolved, k.Asks = flow.LevelNotice, true, nil
			k.Because = append(slices.Clone(k.Because), "no request shows this pattern any more")
		}
		next = append(next, k)
		out = append(out, k.Finding)
	}
	t.known = next
	slices.SortStableFunc(out, func(a, b flow.Finding) int { return rank(a) - rank(b) })
	return out
}
