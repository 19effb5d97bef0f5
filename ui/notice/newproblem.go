package notice

import (
	"detour/internal/flow"
)

// problemCounts tells new problems from known ones. Titles and hosts of a finding may
// change, so it counts the findings of each code.
type problemCounts map[string]int

// fresh returns the first problem that is new, if there is one. At the first call, nothing
// is new.
func (w *problemCounts) fresh(fs []flow.Finding) (f flow.Finding, ok bool) {
	first := *w == nil
	if first {
		*w = problemCounts{}
	}
	count := map[string]int{}
	for _, x := range fs {
		if x.Level != flow.LevelProblem || x.Resolved {
			continue
		}
		if count[x.Code]++; count[x.Code] > (*w)[x.Code] {
			(*w)[x.Code] = count[x.Code]
			if !ok && !first {
				f, ok = x, true
			}
		}
	}
	return f, ok
}
