package finding

import "detour/internal/flow"

// None says, without a mark at the end, that a capture has no findings, and of how much of it.
func None(c *flow.Capture) string {
	switch {
	case c.Missing():
		return "no findings in the part that could be read: no request in it matches a pattern that detour knows"
	case len(c.Flows) == 0:
		return "no findings: there are no requests to analyse"
	}
	return "no findings: no request matches a pattern that detour knows"
}
