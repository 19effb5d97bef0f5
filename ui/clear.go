package ui

import (
	"cmp"
	"fmt"
	"slices"

	"detour/internal/flow"
	"detour/internal/wording"
	"detour/ui/pane"
)

// startClear says what would be removed, and asks.
func (a *app) startClear() {
	n := 0
	for _, f := range a.m.flows {
		if f.Final() && !f.Marked && f.Note == "" {
			n++
		}
	}
	if n == 0 {
		a.notify(pane.Dim, "nothing to clear: flows that are marked, noted or pending stay")
		return
	}
	kept := cmp.Or(a.act.Clear.Kept, "they aren't saved anywhere else")
	a.prompts.menu = &menu{fmt.Sprintf("clear %s? Marked, noted and pending ones stay; %s", wording.Count(n, "flow"), kept), []choice{
		{"yz", "clear them", func() {
			rest := ""
			if slices.ContainsFunc(a.m.findings, func(f flow.Finding) bool { return f.Level == flow.LevelProblem }) {
				rest = "; problems stay until their hosts have answered"
			}
			if a.frozen.Load() {
				rest += "; the display is frozen"
			}
			a.notify(pane.Good, "cleared %s; %s%s", wording.Count(a.act.Clear.Run(), "flow"), kept, rest)
		}},
		{"n", "keep them", func() {}},
	}}
}

func (s *screenState) noClear() string {
	if s.act.Clear.Run == nil {
		return s.unavailable("a recording can't be cleared; a filter hides flows")
	}
	return ""
}
