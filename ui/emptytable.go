package ui

import (
	"fmt"

	"detour/internal/wording"
	"detour/ui/pane"
	"detour/ui/text"
)

// drawEmpty says why there are no rows, and what to do about it.
func drawEmpty(state *screenState, c pane.Canvas) {
	var ls, hint []string
	if state.opt.Hint != nil {
		hint = state.opt.Hint()
	}
	switch n := len(state.m.flows); {
	case n > 0 && !state.m.filter.Empty():
		ls = []string{fmt.Sprintf("Nothing matches %q.", state.panes.reading.Mask.Typed(state.m.filter.Text())), "", "Esc clears the filter."}
	case n > 0 && state.m.view.name == "calls":
		ls = []string{"No AWS call yet.", "", "Press a to show the " + wording.Count(n, "other flow") + "."}
	case n > 0:
		ls = []string{"No " + state.m.view.noun + " yet.", "", "Press a to show the " + wording.Count(n, "flow") + "."}
	case len(hint) > 0:
		ls = append([]string{"No requests yet.", ""}, hint...)
	default:
		ls = []string{
			"No requests yet.", "",
			"Open a page of the AWS Management Console in a browser that uses this proxy.",
			"Each call that the page makes appears here while it happens.",
		}
	}
	y := max(0, (c.H-len(ls))/3)
	for _, l := range ls {
		for _, s := range text.Wrap(state.panes.reading.Clean(l), c.W-8) {
			c.Unmasked().Put(4, y, c.W-8, s, pane.Plain)
			y++
		}
	}
}
