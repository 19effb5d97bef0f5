package intake

import (
	"slices"

	"detour/internal/diagnose"
	"detour/internal/flow"
)

// claims tell what diagnose.ByFlow does, without a map of the flows: one finding may be about all of a
// large capture.
type claims []claim

type claim struct {
	code string
	ids  []flow.ID // sorted
}

func claimsOf(found []flow.Finding) (out claims) {
	for _, f := range diagnose.Claiming(found) {
		ids := f.Flows
		if !slices.IsSorted(ids) {
			ids = slices.Sorted(slices.Values(ids))
		}
		out = append(out, claim{f.Code, ids})
	}
	return out
}

// of returns the codes of the findings that claim a flow.
func (c claims) of(id flow.ID) (codes []string) {
	for _, x := range c {
		if _, found := slices.BinarySearch(x.ids, id); found {
			codes = append(codes, x.code)
		}
	}
	return codes
}
