package ui

import (
	"slices"

	"detour/internal/filter"
	"detour/internal/flow"
	"detour/ui/views"
)

// claim records which flows the findings list, and reports whether that changed.
func (m *model) claim(fs []flow.Finding) bool {
	same := sameFindings(fs, m.findings)
	m.findings = fs
	if same {
		return false
	}
	m.claims = views.ClaimsOf(fs)
	return true
}

// matches reports whether a flow matches an expression, which may ask for the findings that list it.
func (m *model) matches(x filter.Filter, f *flow.Flow) bool {
	if !x.ListsFindings() {
		return x.Match(f, m.now)
	}
	return x.MatchListed(f, m.claims.Codes[f.ID], m.now)
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
