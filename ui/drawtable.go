package ui

import (
	"detour/ui/pane"
	"detour/ui/table"
)

// drawRows draws the table of flows.
func (a *app) drawRows(c pane.Canvas) {
	m := a.m
	cols := a.columns.current().Columns(c.W)
	if m.overDays() {
		cols = table.Dated(cols, c.W-1)
	}
	m.cursor.page = max(0, c.H-1)
	table.View{Order: m.order, Top: m.cursor.top(m), Row: m.row, Domains: a.domains}.Draw(c, cols, m.rows, m.cursor.id)
}

// drawGroups draws the table of groups.
func drawGroups(state *screenState, c pane.Canvas) {
	m, cur := state.m, &state.m.group
	cur.page = max(0, c.H-1)
	at := cur.at(m.groups)
	cur.top = max(0, min(cur.top, at, len(m.groups)-cur.page), at-cur.page+1)
	table.View{Order: m.groupOrder, Top: cur.top, Row: m.row, Domains: state.domains}.DrawGroups(c, m.view.group, m.groups, at)
}
