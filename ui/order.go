package ui

import (
	"cmp"
	"slices"
	"strings"

	"detour/internal/flow"
)

// An order is what the rows are sorted by. The zero value is by arrival.
type order struct {
	column string // a column's name
	up     bool   // smallest first
}

func (o order) arrow() string {
	if o.up {
		return "▲"
	}
	return "▼"
}

// A rank is a row's place among others: by the number, then by the text.
type rank struct {
	number int64
	text   string
}

func (a rank) compare(b rank) int {
	return cmp.Or(cmp.Compare(a.number, b.number), strings.Compare(a.text, b.text))
}

// sort orders the rows. Each one's rank is taken once.
func (m *model) sort() {
	m.foundID = 0
	if m.order.column == "" {
		return
	}
	col, ok := columnOf(m.order.column)
	if !ok || col.rank == nil {
		return
	}
	type ranked struct {
		rank rank
		f    *flow.Flow
	}
	rs := make([]ranked, len(m.rows))
	for i, f := range m.rows {
		rs[i] = ranked{col.rank(m.row(f)), f}
	}
	slices.SortStableFunc(rs, func(a, b ranked) int {
		if m.order.up {
			return a.rank.compare(b.rank)
		}
		return b.rank.compare(a.rank)
	})
	for i := range rs {
		m.rows[i] = rs[i].f
	}
}

// sorted reports whether the rows are in another order than that of their arrival.
func (m *model) sorted() bool { return m.order.column != "" }

// setOrder sorts the rows by a column.
func (m *model) setOrder(o order) {
	m.order = o
	m.choose()
	m.cursor.refresh(m)
}
