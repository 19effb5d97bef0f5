package diagnose

import (
	"slices"
	"time"

	"detour/internal/flow"
)

// hold is how long a finding stays as it was after nothing shows it any more.
const hold = 2 * time.Second

// keepResolved is how long a person may still read that something is over.
const keepResolved = 5 * time.Minute

// A Tracker follows findings over time, so that none comes and goes while it is
// read. The zero value is ready. It is for one goroutine.
type Tracker struct{ known []tracked }

type tracked struct {
	flow.Finding
	last time.Time // when it was found last
}

// Update takes what was found at now, and returns what to show: that, and what was
// found until a moment ago. What has been seen to the end of a request, and isn't
// found any more, is resolved; what was said too early is dropped.
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
		gone := now.Sub(k.last)
		switch {
		case gone < hold:
		case k.Provisional, gone >= keepResolved:
			continue
		case !k.Resolved:
			k.Level, k.Resolved = flow.LevelNotice, true
			k.Because = append(slices.Clone(k.Because), "nothing shows it any more")
		}
		next = append(next, k)
		out = append(out, k.Finding)
	}
	t.known = next
	slices.SortStableFunc(out, func(a, b flow.Finding) int { return rank(a) - rank(b) })
	return out
}
