package diagnose

import (
	"time"

	"detour/internal/diagnose/timeline"
	"detour/internal/flow"
)

// pageTimers are how long calls took that the client ended, and when it did.
type pageTimers map[time.Duration][]time.Time

// timersOf reads the ends of calls that the client gave up.
func timersOf(given []*flow.Flow) pageTimers {
	ends := make(pageTimers)
	for _, f := range given {
		took := f.Elapsed(f.Times.Done).Round(timeline.Slack)
		if e := ends[took]; len(e) == 0 {
			ends[took] = []time.Time{f.Times.Done, f.Times.Done}
		} else if f.Times.Done.Before(e[0]) {
			e[0] = f.Times.Done
		} else if f.Times.Done.After(e[1]) {
			e[1] = f.Times.Done
		}
	}
	return ends
}

// ended reports whether another call was ended after the same time, at another moment. That is
// a timer of the page: calls of a page that is left end at one moment, whenever they began.
func (p pageTimers) ended(f *flow.Flow) bool {
	took := f.Elapsed(f.Times.Done).Round(timeline.Slack)
	for _, d := range []time.Duration{took - timeline.Slack, took, took + timeline.Slack} {
		for _, end := range p[d] {
			if end.Sub(f.Times.Done).Abs() > timeline.Slack {
				return true
			}
		}
	}
	return false
}
