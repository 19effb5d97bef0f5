package finding

import (
	"detour/internal/flow"
	"detour/internal/wording"
)

// None says, without a mark at the end, that a capture has no findings, and of how much of it.
func None(c *flow.Capture) string {
	switch {
	case c.Missing():
		return "no findings in the part that could be read: no request in it matches a pattern that detour knows"
	case len(c.Flows) == 0:
		return "no findings: there are no requests to analyse"
	}
	return "no findings: no request matches a pattern that detour knows" + waiting(c)
}

// waiting counts the requests to AWS whose end the capture doesn't have: how they would have ended
// isn't known. "" if there are none.
func waiting(c *flow.Capture) string {
	n := 0
	for _, f := range c.Flows {
		cut := !f.Final() || f.Failure != nil && f.Failure.Kind == flow.KindPending
		if cut && f.Response == nil && f.Origin != "" && f.Origin != flow.OriginOther {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return ", and " + wording.Count(n, "request") + " had no response yet"
}
