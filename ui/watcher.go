package ui

import (
	"detour/internal/flow"
	"detour/ui/recheck"
	"detour/ui/table"
)

// newTester tests the hosts of what is selected again.
func newTester(s *screenState) *recheck.Tester {
	return &recheck.Tester{
		Actions: s.act.Probe.Again, Unavailable: s.act.Probe.Unavailable, Tasks: s.tasks, Report: s.notify,
		Finding: s.findingTarget, Chosen: s.watchTarget, Clean: func(text string) string { return s.panes.reading.Clean(text) },
		Step: func(step flow.Step) (err error) {
			if s.act.Edit.Step != nil {
				err = s.act.Edit.Step(step)
			}
			s.m.addStep(step)
			s.m.review()
			return err
		},
	}
}

// findingTarget is what the selected finding is of.
func (s *screenState) findingTarget() (t recheck.Target) {
	if fs := s.m.findings; len(fs) > 0 {
		t = recheck.Of(fs[min(s.panes.finding, len(fs)-1)], s.src.Get)
	}
	return t
}

// watchTarget is what a watch is of: the selected finding, or the row.
func (s *screenState) watchTarget() (t recheck.Target) {
	if s.panes.focus == onFindings {
		return s.findingTarget()
	}
	if f := s.shown(); f != nil && table.Host(f) != "" {
		t = recheck.OfRow(s.m.about(f), table.Authority(f), s.src.Get)
	}
	return t
}
