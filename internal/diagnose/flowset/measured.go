package flowset

import (
	"cmp"
	"slices"
	"time"

	"detour/internal/flow"
	"detour/internal/wording"
)

// A Measured fact is a sentence around a duration. Facts that differ in nothing but the
// duration become one sentence with the range.
type Measured struct {
	Before, After string
	Took          time.Duration
}

// Took is the sentence around a duration.
func Took(before, after string, took time.Duration) Measured { return Measured{before, after, took} }

// Ranges returns the sentences of the facts that pick returns for each flow, sorted.
func (s Set) Ranges(pick func(f *flow.Flow) []Measured) (out []string) {
	type sentence struct{ before, after string }
	type span struct {
		sentence
		low, high time.Duration
	}
	at := make(map[sentence]int)
	var all []span
	for _, f := range s {
		for _, m := range pick(f) {
			text := sentence{m.Before, m.After}
			i, known := at[text]
			if !known {
				at[text] = len(all)
				all = append(all, span{text, m.Took, m.Took})
				continue
			}
			all[i].low, all[i].high = min(all[i].low, m.Took), max(all[i].high, m.Took)
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
