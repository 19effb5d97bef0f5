package ui

import (
	"slices"

	"detour/ui/detail"
	"detour/ui/pane"
	"detour/ui/text"
)

// A paneState is which panes are open, which one has the focus, and how far each is scrolled.
type paneState struct {
	focus   focus // the part that keys act on
	second  focus // what the second pane shows: onDetail, onFindings, onCompared or onMessages; 0: it is closed
	reading pane.Reading

	tabs   []detail.Tab
	tab    int // index of the selected one
	detail pane.Scroll
	page   detailPage

	finds   pane.Scroll
	finding int  // index of the selected one
	aim     bool // the next drawing scrolls to it

	messages pane.Scroll

	help *helpPane // nil: it is closed
}

// A focus is the part of the screen that keys act on.
type focus uint8

const (
	onTable focus = 1 << iota
	onDetail
	onFindings
	onGroups
	onCompared
	onMessages
)

// Parts that have keys in common.
const (
	everywhere = onTable | onGroups | inText
	inText     = onDetail | onFindings | onCompared | onMessages
)

// turn goes n tabs on, wrapping around at the end.
func (p *paneState) turn(n int) {
	p.tab = (p.tab + n + len(p.tabs)) % len(p.tabs)
	p.detail.Reset()
}

// aimAt scrolls the findings to the selected one, if that was chosen since the last drawing: to
// the top if its text begins in the upper half of the h rows there, else to where it begins.
func (p *paneState) aimAt(rows []pane.Row, line, h int) {
	if !p.aim {
		return
	}
	p.aim = false
	if at := slices.IndexFunc(rows, func(r pane.Row) bool { return r.Source == line && r.Text != "" }); at > h/2 {
		p.finds.Top = at
	}
}

// draw draws a text pane: a title, and the rows from line top on.
func (p *paneState) draw(c pane.Canvas, top int, title string, ls []pane.Row, s *pane.Scroll, focused bool) {
	if c.W == 0 || c.H == 0 {
		return
	}
	c.Part(0, top, c.W, c.H-top).PutRows(ls, s)
	t := pane.Dim
	if focused {
		t = pane.Accent
	}
	c.Rule(0, 0, c.W, t)
	x := 1
	if focused {
		x += c.Put(x, 0, 2, "▸", t)
	}
	where := s.Position()
	find := p.reading.Find
	if p.help != nil {
		find = p.help.find
	}
	if r := p.reading; find != "" && len(s.Hits) == 0 {
		where = "not found"
		switch {
		case r.Mask.Hides():
			where += " outside the masked text"
		case s == &p.detail && p.page.page.Partial():
			where += " in the part that is shown"
		}
	}
	c.Put(x, 0, c.W-x-text.Width(where)-4, " "+title+" ", t)
	if where != "" {
		c.PutRight(0, 0, c.W-1, " "+where+" ", c.Theme[t])
	}
}
