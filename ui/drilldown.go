package ui

import (
	"slices"
	"strings"

	"detour/internal/flow"
	"detour/ui/pane"
	"detour/ui/table"
	"detour/ui/views"
)

// A place is a position in the table to return to.
type place struct {
	view              view
	order, groupOrder table.Order
	within            *within
	filter            string
	cursor            cursor
	group             groupCursor
}

func (m *model) place() place {
	return place{m.view, m.order, m.groupOrder, m.within, m.filter.Text(), m.cursor, m.group}
}

// goBack restores the table as it was at a place.
func (m *model) goBack(p place) {
	page := m.cursor.page // of the window, which may have changed
	m.view, m.order, m.groupOrder, m.within, m.cursor, m.group = p.view, p.order, p.groupOrder, p.within, p.cursor, p.group
	m.cursor.page = page
	m.review()
	_ = m.setFilter(p.filter) // it was parsed before
	m.cursor.refresh(m)
}

// A flowSet is the set of flows that a pane names, for example those of a finding. Esc
// returns from it.
type flowSet struct {
	from place
	pane focus
}

// drillDown shows a flow set of the pane that has the focus, whatever the table shows.
func (l *viewSet) drillDown(v view) {
	if l.set == nil {
		l.set = &flowSet{l.state.m.place(), l.state.panes.focus}
	}
	l.set.pane = l.state.panes.focus
	_ = l.state.m.setFilter("")
	l.state.m.setView(v)
	l.state.m.cursor.pin(l.state.m, 0)
	l.state.panes.detail.Reset()
	l.state.panes.second, l.state.panes.focus = 0, onTable
	if placeOf(l.state.screen.Size()) != inPlace {
		l.state.show(onDetail)
	}
}

// leaveDrillDown returns to where the flow set was opened.
func (l *viewSet) leaveDrillDown() {
	v := l.set
	l.set = nil
	l.state.m.goBack(v.from)
	l.state.show(v.pane)
	l.state.panes.focus = v.pane
}

// showFinding shows the flows of the selected finding, including those that it will name
// later: its title and hosts may change, but its code doesn't.
func (l *viewSet) showFinding() {
	f := l.state.m.findings[l.state.panes.finding]
	if !slices.ContainsFunc(f.Flows, func(id flow.ID) bool { return l.state.m.flow(id) != nil }) {
		l.state.notify(pane.Warn, "none of the finding's flows is stored any more")
		return
	}
	l.drillDown(view{
		name: "finding", noun: "flow", doc: "the flows of " + f.Code, set: f.Code,
		keep: func(m *model, x *flow.Flow) bool {
			return slices.ContainsFunc(m.findings, func(y flow.Finding) bool {
				_, named := slices.BinarySearch(y.Flows, x.ID)
				return named && y.Code == f.Code
			})
		},
	})
}

// reveal selects a flow. It leaves whatever hides the flow, and reports that.
func (l *viewSet) reveal(id flow.ID) {
	m := l.state.m
	if m.flow(id) == nil {
		l.state.notify(pane.Warn, "#%d is no longer stored", id)
		return
	}
	var left []string
	leave := func(what string, hidden bool, how func()) {
		if hidden {
			how()
			left = append(left, what)
		}
	}
	leave("the groups", m.view.group != "", func() { m.view.group = ""; m.choose() })
	leave("the group", m.within != nil && !m.shows(id), func() { m.within = nil; m.review(); m.choose() })
	leave("the filter", !m.filter.Empty() && !m.shows(id), func() { _ = m.setFilter("") })
	for _, name := range []string{"calls", views.Every} {
		v, _ := viewOf(name)
		leave("the view "+m.view.name, !m.shows(id), func() { l.show(v) })
	}
	m.cursor.pin(m, m.find(id))
	l.state.panes.detail.Reset()
	if len(left) > 0 {
		l.state.notify(pane.Dim, "to show #%d, detour left %s", id, strings.Join(slices.Compact(left), ", "))
	}
}
