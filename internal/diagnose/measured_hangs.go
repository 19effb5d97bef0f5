package diagnose

import (
	"slices"
	"time"

	"detour/internal/flow"
)

// beaconSlack is how much longer than its connects a page may measure a call that failed.
const beaconSlack = 2 * time.Second

// dropMeasuredHangs removes the page's measurements of calls whose connects were recorded: what
// failed is in the finding about those, and nobody has to look for it.
func dropMeasuredHangs(rules []Rule, claimed [][]*flow.Flow) {
	at := slices.IndexFunc(rules, func(r Rule) bool { return r.Code == pageMeasuredTimeoutsCode })
	if at < 0 || len(claimed[at]) == 0 {
		return
	}
	var hung []*flow.Flow
	for i, r := range rules {
		if r.connects && r.Level == flow.LevelProblem {
			hung = append(hung, claimed[i]...)
		}
	}
	claimed[at] = slices.DeleteFunc(claimed[at], func(beacon *flow.Flow) bool {
		return slices.ContainsFunc(hung, func(f *flow.Flow) bool { return isMeasureOf(beacon, f) })
	})
}

// isMeasureOf reports whether a beacon may be the page's measurement of a call that failed.
func isMeasureOf(beacon, f *flow.Flow) bool {
	if f.AWS == nil || !f.Final() || f.Times.Done.After(beacon.Times.Start.Add(beaconSlack)) {
		return false
	}
	of := []string{f.AWS.Operation}
	if p := f.AWS.PreflightOf; p != nil {
		of = p.Operations
	}
	more := beacon.AWS.Measured - f.Elapsed(f.Times.Done)
	return slices.Contains(of, beacon.AWS.Operation) && more > -time.Second && more < beaconSlack
}
