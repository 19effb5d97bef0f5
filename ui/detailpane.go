package ui

import (
	"fmt"
	"strconv"

	"detour/internal/flow"
	"detour/ui/detail"
	"detour/ui/mask"
	"detour/ui/pane"
	"detour/ui/table"
	"detour/ui/text"
)

// A detailPage caches a page of the detail and its layout. That of a finished flow doesn't
// change, so scrolling and searching needn't make it again.
type detailPage struct {
	flow     *flow.Flow
	tab      int
	findings []flow.Finding // all findings, not just those about the flow
	mask     *mask.Masker
	rev      int // of the mask
	step     string
	probed   *detail.Probe
	page     pane.Page
	width    int
	reading  pane.Reading
	lines    []pane.Row
}

func (s *screenState) detailLines(f *flow.Flow, w int, x *detail.Probe) []pane.Row {
	l, t, step := &s.panes.page, s.panes.tabs[s.panes.tab], s.m.stepOf(f)
	same := l.flow == f && l.tab == s.panes.tab && l.mask == s.panes.reading.Mask &&
		l.step == step && l.probed == x && sameFindings(l.findings, s.m.findings)
	if !same || t.Moves && !f.Final() {
		*l = detailPage{flow: f, tab: s.panes.tab, findings: s.m.findings, mask: s.panes.reading.Mask, step: step, probed: x}
		whole := s.whole(f)
		s.panes.reading.Mask.Learn(whole)
		l.page = t.Page(detail.Subject{Flow: whole, Findings: s.m.about(f), Now: s.m.now, Masked: l.mask.Hides(), Step: step, Probe: x})
	}
	if rev := s.panes.reading.Mask.Revision(); l.lines == nil || l.width != w || l.reading != s.panes.reading || l.rev != rev {
		l.width, l.reading, l.rev, l.lines = w, s.panes.reading, rev, pane.Layout(l.page, w, s.panes.reading)
	}
	return l.lines
}

func (s *screenState) detailTitle(f *flow.Flow) string {
	name := table.Call(f)
	if s.m.cursor.gone {
		name += " (no longer stored)"
	}
	return fmt.Sprintf("#%d %s", f.ID, name)
}

// whole is f with its header fields. While the display is frozen, the source may have a
// newer revision, but a finished flow only changes in its mark and note.
func (s *screenState) whole(f *flow.Flow) *flow.Flow {
	if f.Final() {
		if g := s.src.Get(f.ID); g != nil {
			return g
		}
	}
	return f
}

// tabBar draws the names of the tabs, the current one in brackets. Digits select tabs while
// the pane has the focus; if the names don't fit, the other tabs show their digits only.
func (a *app) tabBar(c pane.Canvas) {
	digits := a.panes.focus == onDetail
	all := 0
	for _, t := range a.panes.tabs {
		all += len("[1 ") + text.Width(t.Name) + len("]")
	}
	x := 0
	for i, t := range a.panes.tabs {
		name := t.Name
		switch digit := strconv.Itoa(i + 1); {
		case i != a.panes.tab && all > c.W:
			name = digit
		case digits:
			name = digit + " " + name
		}
		text, tone, from := " "+name+" ", pane.Dim, x
		if i == a.panes.tab {
			text, tone = "["+name+"]", pane.Head
		}
		x += c.Put(x, 0, c.W-x, text, tone)
		a.mouse.area(c.Part(from, 0, x-from, 1), func(int) {
			a.panes.focus = onDetail
			a.panes.turn(i - a.panes.tab)
		}, nil)
	}
}
