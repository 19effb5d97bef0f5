package ui

import (
	"slices"
	"sort"

	"detour/internal/flow"
	"detour/ui/hosts"
	"detour/ui/table"
)

// choose collects the rows and the pending flows.
func (m *model) choose() {
	clear(m.rows) // don't keep evicted flows alive
	m.rows, m.pending, m.viewed, m.undecoded, m.elsewhere = m.rows[:0], m.pending[:0], 0, 0, 0
	for i, b := range m.flags {
		if b&flagView != 0 {
			m.viewed++
			if b&flagText != 0 {
				m.rows = append(m.rows, m.flows[i])
			}
		}
		if b&flagUndecoded != 0 {
			m.undecoded++
		}
		if b&flagElsewhere != 0 {
			m.elsewhere++
		}
		if b&flagPending != 0 {
			m.pending = append(m.pending, i)
		}
	}
	m.foundID = 0
	table.Sort(m.rows, m.row, m.order)
	m.groups = table.GroupBy(m.view.group, m.rows, m.row, m.groupOrder)
}

// sorted reports whether the rows aren't in the order of arrival.
func (m *model) sorted() bool { return m.order.Column != "" }

// find is the index of the first row whose ID isn't lower than id. In sorted rows it is the
// index of id itself, or its last one if it is gone.
func (m *model) find(id flow.ID) int {
	if !m.sorted() {
		return sort.Search(len(m.rows), func(i int) bool { return m.rows[i].ID >= id })
	}
	if m.foundID != id {
		m.foundID = id
		if i := slices.IndexFunc(m.rows, func(f *flow.Flow) bool { return f.ID == id }); i >= 0 {
			m.foundAt = i
		}
	}
	return min(m.foundAt, len(m.rows))
}

// shows reports whether a flow is among the rows.
func (m *model) shows(id flow.ID) bool {
	i := m.find(id)
	return i < len(m.rows) && m.rows[i].ID == id
}

// flow returns the newest revision of a flow, or nil if it isn't stored.
func (m *model) flow(id flow.ID) *flow.Flow {
	i := sort.Search(len(m.flows), func(i int) bool { return m.flows[i].ID >= id })
	if i < len(m.flows) && m.flows[i].ID == id {
		return m.flows[i]
	}
	return nil
}

// row makes a row of a flow.
func (m *model) row(f *flow.Flow) table.Row {
	return table.Row{Flow: f, Now: m.now, Claim: m.claims.Levels[f.ID], Codes: m.claims.Codes[f.ID], Step: m.stepOf(f)}
}

// verdict counts the hosts that work, and those that failed or keep a connection waiting now.
func (m *model) verdict() (works, fails hosts.Tally) {
	var waiting []*flow.Flow
	for _, i := range m.pending {
		if f := m.flows[i]; table.Stuck(f, m.now) && f.Origin != flow.OriginOther {
			waiting = append(waiting, f)
		}
	}
	return m.hosts.Verdict(waiting, m.findings)
}
