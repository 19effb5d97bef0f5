package ui

import (
	"math"

	"detour/ui/pane"
)

// openDetail shows all details of the row. If the pane is open already, it gets the keys.
func (s *screenState) openDetail() {
	if s.m.cursor.following() {
		s.m.cursor.move(s.m, 1)
	}
	if s.panes.second == onDetail {
		s.panes.focus = onDetail
	}
	s.show(onDetail)
}

// show opens the second pane. On a small screen the pane takes the place of the table, and
// gets the keys.
func (s *screenState) show(what focus) {
	if s.panes.second != what {
		s.panes.detail.Reset()
		s.panes.finds.Reset()
	}
	s.panes.second = what
	if placeOf(s.screen.Size()) == inPlace {
		s.panes.focus = what
	}
}

func (s *screenState) openFindings() {
	s.notices.EndNews()
	s.show(onFindings)
	s.panes.focus = onFindings
}

// back ends a search, returns from a flow set, or closes the second pane. Without one it
// returns to the groups, or clears the filter.
func (a *app) back() {
	switch {
	case a.panes.focus != onTable && a.panes.reading.Find != "":
		a.panes.reading.Find = ""
	case a.panes.focus == onTable && a.views.set != nil:
		a.views.leaveDrillDown()
	case a.panes.second != 0:
		a.panes.second, a.panes.focus, a.panes.reading.Find = 0, onTable, ""
	case a.m.within != nil:
		a.m.leave()
	case !a.m.filter.Empty():
		_ = a.m.setFilter("")
	}
}

// nextPane moves the focus from table to detail to findings to comparison.
func (a *app) nextPane() {
	switch {
	case a.panes.focus == onTable && a.panes.second&(onFindings|onCompared|onMessages) != 0:
		a.panes.focus = a.panes.second
	case a.panes.focus == onTable && a.shown() != nil:
		if a.m.view.group == "" && a.m.cursor.following() {
			a.m.cursor.move(a.m, 1)
		}
		a.show(onDetail)
		a.panes.focus = onDetail
	case a.panes.focus == onDetail && len(a.m.findings) > 0:
		a.openFindings()
	case (a.panes.focus == onDetail || a.panes.focus == onFindings) && a.diff.result != nil:
		a.diff.open()
	default:
		a.panes.focus = onTable
	}
}

// next goes n flows, findings or compared hosts on, from within the pane.
func (a *app) next(n int) {
	switch a.panes.focus {
	case onFindings:
		a.panes.finding = max(0, min(a.panes.finding+n, len(a.m.findings)-1))
		a.panes.finds.Reset()
		a.panes.aim = true
	case onCompared:
		a.diff.result.choose(n)
	case onTable, onGroups, onDetail:
		a.m.cursor.move(a.m, n)
		a.panes.detail.Reset()
	case onMessages:
	}
}

// stepFinding goes to the next finding, or to the previous one with -1. If there is none, it
// scrolls.
func (a *app) stepFinding(n int) {
	if to := a.panes.finding + n; to < 0 || to >= len(a.m.findings) {
		a.panes.finds.Move(n)
		return
	}
	a.next(n)
}

// scroll is that of the pane that has the focus.
func (a *app) scroll() *pane.Scroll {
	switch a.panes.focus {
	case onFindings:
		return &a.panes.finds
	case onCompared:
		return &a.diff.result.scroll
	case onMessages:
		return &a.panes.messages
	case onTable, onGroups, onDetail:
	}
	return &a.panes.detail
}

// pageSize is how many rows PgUp and PgDn move in the table: all but one of those in sight.
func (s *screenState) pageSize() int { return max(2, s.m.cursor.page-1) }

// half moves half a page down, or up with -1, in the part that has the focus.
func (a *app) half(n int) {
	switch a.keyContext() {
	case onTable:
		a.m.cursor.move(a.m, n*max(2, a.m.cursor.page/2))
	case onGroups:
		a.m.group.move(a.m.groups, n*max(1, a.m.group.page/2))
	case onDetail, onFindings, onCompared, onMessages:
		a.scroll().Move(n * max(1, a.scroll().Height/2))
	}
}

// enterGroup shows the flows of the selected group.
func (a *app) enterGroup() {
	g := a.m.groups[a.m.group.at(a.m.groups)]
	a.m.group.key, a.m.group.set = g.Key, true
	a.m.enter(g)
}

// openMessages shows the messages of the bottom line, the newest one in sight.
func (a *app) openMessages() {
	a.show(onMessages)
	a.panes.focus = onMessages
	a.panes.messages.Top = math.MaxInt // drawing goes no further than the end
}
