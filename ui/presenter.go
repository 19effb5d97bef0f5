package ui

import (
	"detour/ui/mask"
	"detour/ui/pane"
)

// A presenter masks the screen while others look at it.
type presenter struct{ *screenState }

// present masks the screen at once. To unmask it, it asks first: a key that was hit by
// mistake must not reveal anything. What is copied isn't masked, since it doesn't go to the
// screen.
func (p *presenter) present() {
	if p.reading.Mask == nil {
		p.mask()
		p.notify(pane.Good, "the screen is masked, but what you copy is not; p unmasks it")
		return
	}
	p.menu = &menu{"show account IDs, hosts and addresses again?", []choice{
		{"y", "show them", func() {
			p.reading.Mask, p.m.learn = nil, nil
			p.notify(pane.Warn, "the screen is no longer masked")
		}},
		{"n", "keep them masked", func() {}},
	}}
}

// mask starts masking, and learns the hosts of the flows so far and of those to come.
func (p *presenter) mask() {
	v := mask.New(p.opt.AWS)
	for _, f := range p.m.flows {
		v.Learn(f)
	}
	v.LearnFindings(p.m.findings)
	p.reading.Mask, p.m.learn = v, v.Learn
}

// learnRows learns the names in the rows that are about to be drawn: they may have been
// forgotten.
func (p *presenter) learnRows(h int) {
	v := p.reading.Mask
	if v == nil {
		return
	}
	top := p.m.cursor.top(p.m)
	for _, f := range p.m.rows[min(top, len(p.m.rows)):min(top+h, len(p.m.rows))] {
		v.LearnHosts(f)
	}
}
