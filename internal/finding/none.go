package finding

import (
	"strconv"

	"detour/internal/flow"
	"detour/internal/wording"
)

// None says, without a mark at the end, that a capture has no findings, and of how much of it.
func None(c *flow.Capture) string {
	waiting := 0
	for _, f := range c.Flows {
		if Waits(f) {
			waiting++
		}
	}
	return NoneOf(c, len(c.Flows), waiting)
}

// NoneOf is [None] of a capture whose flows were counted, and among them those that [Waits] reports.
func NoneOf(c *flow.Capture, flows, waiting int) string {
	switch {
	case c.Missing():
		return "no findings in the part that could be read: no request in it matches a pattern that detour knows"
	case flows == 0:
		return "no findings: there are no requests to analyse"
	case c.Selected > flows:
		return "no findings in " + Judged(c, flows) + ": none of those that were analysed matches a pattern that detour knows"
	}
	return "no findings: no request matches a pattern that detour knows" + inProgress(waiting)
}

// Judged is how many requests of a capture were judged: "2 requests", "2 of 5 requests".
func Judged(c *flow.Capture, flows int) string {
	if c.Selected > flows {
		return strconv.Itoa(flows) + " of " + wording.Count(c.Selected, "request")
	}
	return wording.Count(flows, "request")
}

// Waits reports whether a flow is a request to AWS whose end the capture doesn't have: how it would
// have ended isn't known.
func Waits(f *flow.Flow) bool {
	cut := !f.Final() || f.Failure != nil && f.Failure.Kind == flow.KindPending
	return cut && f.Response == nil && f.Origin != "" && f.Origin != flow.OriginOther
}

// inProgress is what to add about so many requests; "" if there are none.
func inProgress(n int) string {
	if n == 0 {
		return ""
	}
	return ", and " + wording.Count(n, "request") + " had no response yet"
}
