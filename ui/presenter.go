package ui

import (
	"detour/ui/mask"
	"detour/ui/pane"
)

// present masks the screen at once. To unmask it, it asks first: a key that was hit by
// mistake must not reveal anything. What is copied isn't masked, since it doesn't go to the
// screen.
func (a *app) present() {
	if !a.panes.reading.Mask.Hides() {
		startMasking(a.screenState)
		a.notify(pane.Good, "the screen is masked, but what you copy is not; p unmasks it")
		return
	}
	a.prompts.menu = &menu{"show account IDs, hosts and addresses again?", []choice{
		{"y", "show them", func() {
			stopMasking(a.screenState)
			a.notify(pane.Warn, "the screen is no longer masked")
		}},
		{"n", "keep them masked", func() {}},
	}}
}

// startMasking masks the screen, and learns the hosts of the flows so far and of those to come.
func startMasking(state *screenState) {
	v := mask.New(state.opt.AWS, state.opt.Names)
	for _, f := range state.m.flows {
		v.Learn(f)
	}
	v.LearnFindings(state.m.findings)
	state.panes.reading.Mask, state.m.learn = v, v.Learn
}

// stopMasking shows everything. Of a strict capture, it shows names in place of stand-ins, as
// findings have them.
func stopMasking(state *screenState) {
	state.panes.reading.Mask, state.m.learn = nil, nil
	if state.opt.Strict {
		v := mask.StandIns(state.opt.Names)
		state.panes.reading.Mask, state.m.learn = v, v.Learn
	}
}

// learnRows learns the names in the rows that are about to be drawn: they may have been
// forgotten.
func learnRows(state *screenState, h int) {
	v := state.panes.reading.Mask
	if v == nil {
		return
	}
	top := state.m.cursor.top(state.m)
	for _, f := range state.m.rows[min(top, len(state.m.rows)):min(top+h, len(state.m.rows))] {
		v.LearnHosts(f)
	}
}
