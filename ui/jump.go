package ui

import (
	"slices"
	"strings"

	"detour/internal/flow"
)

// A place is where a person was in the table, to come back to.
type place struct {
	view              view
	order, groupOrder order
	within            *within
	filter            string
	cursor            cursor
	group             groupCursor
}

func (m *model) place() place {
	return place{m.view, m.order, m.groupOrder, m.within, m.filter.Text(), m.cursor, m.group}
}

// goBack shows the table as it was at a place.
func (m *model) goBack(p place) {
	page := m.cursor.page // of the window as it is now
	m.view, m.order, m.groupOrder, m.within, m.cursor, m.group = p.view, p.order, p.groupOrder, p.within, p.cursor, p.group
	m.cursor.page = page
	m.review()
	_ = m.setFilter(p.filter) // it was read before
	m.cursor.refresh(m)
}

// claimed is the view of the flows that a finding names, also of those that it will.
// Its title and hosts change while it speaks, its code doesn't.
func claimed(code string) view {
	return view{
		name: "finding", noun: "flow", doc: "what " + code + " speaks of; Esc goes back", finding: code,
		keep: func(m *model, f *flow.Flow) bool {
			return slices.ContainsFunc(m.findings, func(x flow.Finding) bool {
				_, named := slices.BinarySearch(x.Flows, f.ID)
				return named && x.Code == code
			})
		},
	}
}

// jump shows the flows of the chosen finding, and selects the first of them.
func (a *app) jump() {
	f := a.m.findings[a.finding]
	first := slices.IndexFunc(f.Flows, func(id flow.ID) bool { return a.m.flow(id) != nil })
	if first < 0 {
		a.say(toneWarn, "none of the finding's flows is kept any more")
		return
	}
	if a.backTo == nil {
		p := a.m.place()
		a.backTo = &p
	}
	_ = a.m.setFilter("")
	a.m.setView(claimed(f.Code))
	a.m.cursor.pin(a.m, a.m.find(f.Flows[first]))
	a.detail.start()
	a.say(toneDim, "%s: %s", f.Code, a.m.view.doc)
	a.beside, a.focus = 0, onTable
	if placeOf(a.screen.Size()) != inPlace {
		a.show(onDetail)
	}
}

// backToFindings goes back from the flows of a finding.
func (a *app) backToFindings() {
	a.m.goBack(*a.backTo)
	a.backTo = nil
	if len(a.m.findings) > 0 {
		a.openFindings()
	}
}

// reveal selects a flow. What hides it is left, and that is said.
func (a *app) reveal(id flow.ID) bool {
	m := a.m
	if m.flow(id) == nil {
		a.say(toneWarn, "#%d is no longer kept", id)
		return false
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
	for _, name := range []string{"calls", allFlows} {
		v, _ := viewOf(name)
		leave("the view "+m.view.name, !m.shows(id), func() { a.setView(v) })
	}
	m.cursor.pin(m, m.find(id))
	a.detail.start()
	if len(left) > 0 {
		a.say(toneDim, "to show #%d this was left: %s", id, strings.Join(slices.Compact(left), ", "))
	}
	return true
}
