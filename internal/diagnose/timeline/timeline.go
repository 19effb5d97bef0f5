// Package timeline shows what a page did after its calls ended: whether it went on, and whether it sent
// one of them again.
package timeline

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"sort"
	"time"

	"detour/internal/diagnose/ending"
	"detour/internal/diagnose/flowset"
	"detour/internal/diagnose/screen"
	"detour/internal/flow"
)

// A Timeline is flows by their start.
type Timeline []*flow.Flow

// Of returns what GoesOn and Replaced ask for of flows that started after calls ended: those
// that started within twice Slack, and the first one that tells, up to the end of the next call.
func Of(flows iter.Seq[*flow.Flow], calls []*flow.Flow) (line Timeline) {
	ends := make([]time.Time, len(calls))
	for i, f := range calls {
		ends[i] = f.Times.Done.Add(-Slack)
	}
	slices.SortFunc(ends, time.Time.Compare)
	first := make(map[int]*flow.Flow)
	for f := range flows {
		i := sort.Search(len(ends), func(i int) bool { return ends[i].After(f.Times.Start) }) - 1
		if i < 0 {
			continue
		}
		near := f.Times.Start.Sub(ends[i]) < 2*Slack
		if near || tells(f) && (first[i] == nil || ByStart(f, first[i]) < 0) {
			kept := *f
			if f = &kept; near {
				line = append(line, f)
			} else {
				first[i] = f
			}
		}
	}
	line = slices.AppendSeq(line, maps.Values(first))
	slices.SortFunc(line, ByStart)
	return line
}

// from are the flows that started at an instant or later.
func (t Timeline) from(at time.Time) Timeline {
	return t[sort.Search(len(t), func(i int) bool { return !t[i].Times.Start.Before(at) }):]
}

// ByStart orders flows by their start. IDs are in the order of a file, and DevTools writes
// the requests of a later page first.
func ByStart(a, b *flow.Flow) int {
	return cmp.Or(a.Times.Start.Compare(b.Times.Start), cmp.Compare(a.ID, b.ID))
}

// Slack is how far apart events may be that belong together.
const Slack = 150 * time.Millisecond

// GoesOn reports whether a page sent requests after an instant, or reported how long its calls
// took. Without any, or with the load of a page as the next one, it may have been left.
func (t Timeline) GoesOn(at time.Time) bool {
	for _, f := range t.from(at.Add(-Slack)) {
		if tells(f) {
			return f.Origin == flow.OriginTelemetry || !screen.IsPage(f)
		}
	}
	return false
}

// tells reports whether a flow shows if its page goes on. Pages send telemetry when they are left.
func tells(f *flow.Flow) bool {
	return f.Origin != flow.OriginTelemetry || slices.ContainsFunc(Measures(f), func(m flow.Measure) bool { return m.Took >= ending.Patience })
}

// Replaced reports whether the same call was sent again when this one was cancelled, as while
// somebody types.
func (t Timeline) Replaced(f *flow.Flow) bool {
	for _, x := range t.from(f.Times.Done.Add(-Slack)) {
		switch {
		case x.Times.Start.Sub(f.Times.Done) >= Slack:
			return false
		case x.ID != f.ID && x.Response != nil && flowset.OperationOf(x) == flowset.OperationOf(f) && flowset.HostOf(x) == flowset.HostOf(f):
			return true
		}
	}
	return false
}

// Measures are what a beacon reports.
func Measures(f *flow.Flow) []flow.Measure {
	if f.AWS == nil {
		return nil
	}
	if len(f.AWS.Beacon) == 0 && f.AWS.Measured > 0 {
		return []flow.Measure{{Name: f.AWS.Operation, Took: f.AWS.Measured}}
	}
	return f.AWS.Beacon
}
