package ui

import (
	"detour/internal/filter"
	"detour/internal/flow"
	"detour/ui/table"
)

// inView reports whether f belongs to the view, and to the group that it is narrowed to.
func (m *model) inView(f *flow.Flow) bool {
	return (m.view.keep == nil || m.view.keep(m, f)) && (m.within == nil || m.within.has(m.row(f)))
}

// review decides for every flow again whether it belongs to the view.
func (m *model) review() {
	for i, f := range m.flows {
		m.flags[i] &^= flagView
		if m.inView(f) {
			m.flags[i] |= flagView
		}
	}
}

// setView switches to another view.
func (m *model) setView(v view) {
	m.view, m.order, m.groupOrder, m.within = v, table.Order{}, table.Order{}, nil
	if v.group != "" {
		m.groupOrder = v.order
	} else {
		m.order = v.order
	}
	m.review()
	m.choose()
	m.cursor.refresh(m)
}

// enter narrows the view to one group, and shows its flows.
func (m *model) enter(g *table.Group) {
	by, ok := table.GroupingNamed(m.view.group)
	if !ok {
		return
	}
	m.within = &within{by, g.Key}
	m.view.group = ""
	m.review()
	m.choose()
	m.cursor.follow()
}

// leave returns to the groups.
func (m *model) leave() {
	m.view.group = m.within.by.Name
	m.within = nil
	m.review()
	m.choose()
}

// setFilter shows only flows that match an expression. One that can't be parsed changes
// nothing. The names of masked things stand for these.
func (m *model) setFilter(text string) error {
	x, err := filter.Parse(m.names.Originals(text))
	if err != nil {
		return err
	}
	old := m.filter
	if m.filter = x; m.wanted != nil {
		m.wanted(x)
	}
	m.refilter(x.Narrows(old), old.Narrows(x))
	m.choose()
	return nil
}

// setOrder sorts the rows, or the groups if they are shown.
func (m *model) setOrder(o table.Order) {
	if m.view.group != "" {
		m.groupOrder = o
	} else {
		m.order = o
	}
	m.choose()
	m.cursor.refresh(m)
}

// shownOrder is the order of the rows, or of the groups if they are shown.
func (m *model) shownOrder() table.Order {
	if m.view.group != "" {
		return m.groupOrder
	}
	return m.order
}
