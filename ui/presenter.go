package ui

import (
	"detour/ui/mask"
	"detour/ui/pane"
)

// present masks the screen at once. To unmask it, it asks first: a key that was hit by
// mistake must not reveal anything. What is copied isn't masked, since it doesn't go to the
// screen.
func (a *app) present() {
	if a.panes.reading.Mask == nil {
		a.startMasking()
		a.notify(pane.Good, "the screen is masked, but what you copy is not; p unmasks it")
		return
	}
	a.prompts.menu = &menu{"show account IDs, hosts and addresses again?", []choice{
		{"y", "show them", func() {
			a.panes.reading.Mask, a.m.learn = nil, nil
			a.notify(pane.Warn, "the screen is no longer masked")
		}},
		{"n", "keep them masked", func() {}},
	}}
}

// startMasking masks the screen, and learns the hosts of the flows so far and of those to come.
func (a *app) startMasking() {
	v := mask.New(a.opt.AWS)
	for _, f := range a.m.flows {
		v.Learn(f)
	}
	v.LearnFindings(a.m.findings)
	a.panes.reading.Mask, a.m.learn = v, v.Learn
}

// learnRows learns the names in the rows that are about to be drawn: they may have been
// forgotten.
func (a *app) learnRows(h int) {
	v := a.panes.reading.Mask
	if v == nil {
		return
	}
	top := a.m.cursor.top(a.m)
	for _, f := range a.m.rows[min(top, len(a.m.rows)):min(top+h, len(a.m.rows))] {
		v.LearnHosts(f)
	}
}
