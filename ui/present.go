package ui

import (
	"detour/ui/mask"
	"detour/ui/pane"
)

// present masks the screen for others who look on, at once. That it is shown as it is
// again, one key that was hit by mistake must not do: it asks. What is copied stays as it
// is: it doesn't go to the screen.
func (a *app) present() {
	if a.reading.Mask == nil {
		a.mask()
		a.say(pane.Good, "the screen is masked; what you copy is not, and p shows everything again")
		return
	}
	a.menu = &menu{"show account ids, hosts and addresses again?", []choice{
		{"y", "show them", func() {
			a.reading.Mask, a.m.learn = nil, nil
			a.say(pane.Warn, "the screen is no longer masked")
		}},
		{"n", "leave them masked", func() {}},
	}}
}

// mask puts a veil on the screen that knows the hosts that have come through, and comes
// to know those that will.
func (a *app) mask() {
	v := mask.New(a.opt.AWS)
	for _, f := range a.m.flows {
		v.Learn(f)
	}
	v.LearnFindings(a.m.findings)
	a.reading.Mask, a.m.learn = v, v.Learn
}

// learnRows has the names of the rows that are about to be drawn known, whatever has
// come through since they did.
func (a *app) learnRows(h int) {
	v := a.reading.Mask
	if v == nil {
		return
	}
	top := a.m.cursor.top(a.m)
	for _, f := range a.m.rows[min(top, len(a.m.rows)):min(top+h, len(a.m.rows))] {
		v.LearnHosts(f)
	}
}
