package finding

import (
	"slices"

	"detour/internal/flow"
)

// About returns the findings that list one of these flows, as far as they do. What was found in all
// flows of a run stays true of some of them: whether it is resolved, and what else worked.
func About(found []flow.Finding, flows []*flow.Flow) (out []flow.Finding) {
	here := make(map[flow.ID]bool, len(flows))
	for _, f := range flows {
		here[f.ID] = true
	}
	return AboutFlows(found, func(id flow.ID) bool { return here[id] })
}

// AboutFlows is [About] of the flows whose IDs are here.
func AboutFlows(found []flow.Finding, here func(flow.ID) bool) (out []flow.Finding) {
	for _, f := range found {
		f.Flows = slices.DeleteFunc(slices.Clone(f.Flows), func(id flow.ID) bool { return !here(id) })
		if len(f.Flows) > 0 {
			out = append(out, f)
		}
	}
	return out
}
