package diagnose

import (
	"cmp"
	"slices"
	"time"

	"detour/internal/flow"
	"detour/internal/wording"
)

// A measured fact is a sentence around a duration. Facts that differ in nothing but the
// duration become one sentence with the range.
type measured struct {
	before, after string
	took          time.Duration
}

// ranges returns the sentences of the facts that pick returns for each flow, sorted.
func (g group) ranges(pick func(f *flow.Flow) []measured) (out []string) {
	type sentence struct{ before, after string }
	type span struct {
		sentence
		low, high time.Duration
	}
	at := make(map[sentence]int)
	var all []span
	for _, f := range g.flows {
		for _, m := range pick(f) {
			s := sentence{m.before, m.after}
			i, known := at[s]
			if !known {
				at[s] = len(all)
				all = append(all, span{s, m.took, m.took})
				continue
			}
			all[i].low, all[i].high = min(all[i].low, m.took), max(all[i].high, m.took)
		}
	}
	slices.SortFunc(all, func(a, b span) int {
		return cmp.Or(cmp.Compare(a.before, b.before), cmp.Compare(a.low, b.low), cmp.Compare(a.after, b.after))
	})
	for _, s := range all {
		took := wording.Duration(s.low)
		if high := wording.Duration(s.high); high != took {
			took += " to " + high
		}
		out = append(out, s.before+took+s.after)
	}
	return out
}
