package intake

import (
	"cmp"
	"slices"
	"time"

	"detour/internal/diagnose"
	"detour/internal/flow"
)

// A StrictJudging finds in redacted flows what was found in them before: no text about a flow as
// it was leaves the run. One goroutine uses it at a time.
type StrictJudging struct {
	Strict  *Strict           // redacted the flows
	Machine *flow.Environment // that recorded them; nil: it isn't known
	Account func() Account    // proves the findings; nil: none does
	// Gone returns the flows that findings are about and the others lack, by ID. nil: there are none.
	Gone func() []*flow.Flow
	// Over reports whether flows in progress have ended: nothing is added any more. nil: they haven't.
	Over func() bool

	tracker diagnose.Tracker
	gone    map[*flow.Flow]*flow.Flow // redacted
}

// Judge returns found, the findings of a run, as they are of redacted flows: strict is what
// redaction made of real. What depends on flows that aren't among them is as it was found. A
// finding that the redacted flows don't show is left out.
func (j *StrictJudging) Judge(real, strict []*flow.Flow, found []flow.Finding, now time.Time) []flow.Finding {
	real, strict = j.withGone(real, strict)
	var shown []flow.Finding
	if j.Over != nil && j.Over() {
		real, strict = cutOff(real, now), cutOff(strict, now)
		shown = diagnose.RunOn(j.Machine, strict, now)
	} else {
		j.tracker.Machine = j.Machine
		shown, _ = j.tracker.Judge(strict, now)
	}
	if j.Account != nil {
		shown = j.Account().Proving(real, now).Redacting(j.Strict.Text).Findings(shown)
	}
	return asFound(Named(shown, strict, j.Strict.Texts()), found)
}

// withGone adds the flows that are gone.
func (j *StrictJudging) withGone(real, strict []*flow.Flow) (r, s []*flow.Flow) {
	if j.Gone == nil {
		return real, strict
	}
	was := j.gone
	j.gone = make(map[*flow.Flow]*flow.Flow)
	for _, f := range j.Gone() {
		at, there := slices.BinarySearchFunc(real, f.ID, func(f *flow.Flow, id flow.ID) int { return cmp.Compare(f.ID, id) })
		if there {
			continue
		}
		x := was[f]
		if x == nil {
			x = j.Strict.Flow(f)
		}
		j.gone[f] = x
		real, strict = slices.Concat(real[:at], []*flow.Flow{f}, real[at:]), slices.Concat(strict[:at], []*flow.Flow{x}, strict[at:])
	}
	return real, strict
}

// asFound returns those of the findings that were found, in that order.
func asFound(shown, found []flow.Finding) (out []flow.Finding) {
	for _, f := range found {
		at := slices.IndexFunc(shown, func(x flow.Finding) bool { return x.Code == f.Code })
		if at < 0 {
			continue
		}
		x := shown[at]
		shown = slices.Delete(shown, at, at+1)
		x.Level, x.Confidence, x.Flows, x.Provisional, x.Connects = f.Level, f.Confidence, f.Flows, f.Provisional, f.Connects
		if x.Resolved, x.ResolvedAt = f.Resolved, f.ResolvedAt; f.Resolved {
			x.Asks = nil
		}
		out = append(out, x)
	}
	return out
}
