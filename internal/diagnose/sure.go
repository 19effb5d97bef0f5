package diagnose

import "detour/internal/flow"

// sure is the confidence in a cause, given what was observed in different ways: high if two or
// more show it, of which none follows from another. A browser's word is one observation,
// however many lines it takes to say it.
func sure(observed ...bool) flow.Confidence {
	n := 0
	for _, o := range observed {
		if o {
			n++
		}
	}
	if n >= 2 {
		return flow.ConfidenceHigh
	}
	return flow.ConfidenceMedium
}
