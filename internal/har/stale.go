package har

import (
	"net/http"
	"slices"
	"time"

	"detour/internal/flow"
)

// Firefox sometimes writes the phases that a request had before it waited for a permission, or
// for its response: a response that took six seconds has 0 in all of them. The response's Date
// field then tells. It has whole seconds, and the clocks of the two ends differ, so only the
// difference to the other responses of the file counts, and only if it is large.

// leastStale is the difference from which on a duration is taken from Date.
const leastStale = 3 * time.Second

// dates are how much later than their request's start, plus its duration, responses were
// dated.
type dates struct {
	lag map[flow.ID]time.Duration
}

// maxDates limits the responses that are compared.
const maxDates = 1 << 16

// add notes the Date of a response that was made for its request.
func (d *dates) add(f *flow.Flow) {
	if f.Exporter != flow.ExporterFirefox || f.Response == nil || f.Times.Start.IsZero() || len(d.lag) >= maxDates {
		return
	}
	h := f.Response.Headers
	at, err := http.ParseTime(flow.Get(h, "Date"))
	if err != nil || flow.Has(h, "Age") { // a cache's response is dated when it was stored
		return
	}
	if d.lag == nil {
		d.lag = make(map[flow.ID]time.Duration)
	}
	d.lag[f.ID] = at.Sub(f.Times.Start) - f.Elapsed(f.Times.Start)
}

// late returns how much longer than written requests took, by the flow's ID. Those of less than
// a few responses can't be compared.
func (d *dates) late() map[flow.ID]time.Duration {
	const few = 4
	if len(d.lag) < few {
		return nil
	}
	all := make([]time.Duration, 0, len(d.lag))
	for _, lag := range d.lag {
		all = append(all, lag)
	}
	slices.Sort(all)
	usual := all[len(all)/2]
	out := make(map[flow.ID]time.Duration)
	for id, lag := range d.lag {
		if lag-usual >= leastStale {
			out[id] = (lag - usual).Round(time.Second)
		}
	}
	return out
}

// Prolonged returns f with a wait that is longer by this. It doesn't write to f.
func Prolonged(f *flow.Flow, by time.Duration) *flow.Flow {
	out := *f
	out.Times.FirstByte, out.Times.Done = f.Times.FirstByte.Add(by), f.Times.Done.Add(by)
	if f.Phases != nil {
		phases := *f.Phases
		phases.Wait = max(0, phases.Wait) + by
		out.Phases = &phases
	}
	return &out
}
