package diagnose

import (
	"cmp"
	"slices"
	"sort"
	"time"

	"detour/internal/flow"
)

// A timeline is flows by their start.
type timeline []*flow.Flow

func timelineOf(flows []*flow.Flow) timeline { return slices.SortedFunc(slices.Values(flows), byStart) }

// from are the flows that started at an instant or later.
func (t timeline) from(at time.Time) timeline {
	return t[sort.Search(len(t), func(i int) bool { return !t[i].Times.Start.Before(at) }):]
}

// byStart orders flows by their start. IDs are in the order of a file, and DevTools writes
// the requests of a later page first.
func byStart(a, b *flow.Flow) int {
	return cmp.Or(a.Times.Start.Compare(b.Times.Start), cmp.Compare(a.ID, b.ID))
}
