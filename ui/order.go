package ui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"detour/internal/filter"
	"detour/internal/flow"
)

// An order is what the rows are sorted by. The zero value is by arrival.
type order struct {
	column string // a column's name
	up     bool   // smallest first
}

// noOrder is the word for the order of arrival.
const noOrder = "off"

// parseOrder reads "total", "total up", "total down"; "" and "off" are the order of arrival.
func parseOrder(text string) (order, error) {
	words := strings.Fields(text)
	if len(words) == 0 || len(words) == 1 && words[0] == noOrder {
		return order{}, nil
	}
	if _, ok := columnOf(words[0]); !ok {
		return order{}, fmt.Errorf("one of %s, or %s", list(columnNames(nil)), noOrder)
	}
	if rest := strings.Join(words[1:], " "); rest != "" && rest != "up" && rest != "down" {
		return order{}, fmt.Errorf("up or down, not %s", flow.Printable(rest))
	}
	return order{words[0], len(words) > 1 && words[1] == "up"}, nil
}

// String is what parseOrder reads.
func (o order) String() string {
	if o.up {
		return o.column + " up"
	}
	return o.column
}

// orderNames are what :sort takes.
func orderNames(a *app) []filter.Candidate {
	return append(columnNames(a),
		filter.Candidate{Text: noOrder, Doc: "as they arrived"},
		filter.Candidate{Text: "up", Doc: "the smallest first"},
		filter.Candidate{Text: "down", Doc: "the largest first"})
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
