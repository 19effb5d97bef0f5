package ui

import (
	"slices"

	"detour/internal/flow"
)

// claim records which flows the findings name, and reports whether that changed.
func (m *model) claim(fs []flow.Finding) bool {
	same := sameFindings(fs, m.findings)
	m.findings = fs
	if same {
		return false
	}
	claims := make(map[flow.ID]flow.Level)
	for i := len(fs) - 1; i >= 0; i-- { // the first finding is the most important one, and overrides the others
		for _, id := range fs[i].Flows {
			if claims[id] != flow.LevelProblem {
				claims[id] = fs[i].Level
			}
		}
	}
	m.claims = claims
	return true
}

// sameFindings reports whether a and b are the same slice. Findings aren't modified: equal
// ones in another slice are the result of another diagnosis.
func sameFindings(a, b []flow.Finding) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

// about returns the findings that name a flow, the most important one first.
func (m *model) about(f *flow.Flow) []flow.Finding {
	var out []flow.Finding
	for _, x := range m.findings {
		if _, found := slices.BinarySearch(x.Flows, f.ID); found {
			out = append(out, x)
		}
	}
	return out
}
