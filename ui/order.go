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

// parseOrder reads "total", "total up", "total down"; "" and "off" are the order of
// arrival. The columns are those of the rows, or of groups.
func parseOrder(text string, columns []filter.Candidate) (order, error) {
	words := strings.Fields(text)
	if len(words) == 0 || len(words) == 1 && words[0] == noOrder {
		return order{}, nil
	}
	if !slices.ContainsFunc(columns, func(c filter.Candidate) bool { return c.Text == words[0] }) {
		return order{}, fmt.Errorf("one of %s, or %s", list(columns), noOrder)
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

// orderColumns are what rows, or groups, are sorted by.
func orderColumns(groups bool) []filter.Candidate {
	if !groups {
		return columnNames(nil)
	}
	var out []filter.Candidate
	for _, c := range groupColumns("") {
		if c.name != "" {
			out = append(out, filter.Candidate{Text: c.name, Doc: c.doc})
		}
	}
	return out
}

// orderNames are what :sort takes.
func orderNames(a *app) []filter.Candidate {
	return append(orderColumns(a.m.view.group != ""),
		filter.Candidate{Text: noOrder, Doc: "as they arrived; groups by what wants a look"},
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
	sortBy(m.rows, m.order.up, func(f *flow.Flow) rank { return col.rank(m.row(f)) })
}

// sortBy orders xs by their ranks, each of which is taken once. Equals stay in their order.
func sortBy[T any](xs []T, up bool, of func(T) rank) {
	type ranked struct {
		rank rank
		x    T
	}
	rs := make([]ranked, len(xs))
	for i, x := range xs {
		rs[i] = ranked{of(x), x}
	}
	slices.SortStableFunc(rs, func(a, b ranked) int {
		if up {
			return a.rank.compare(b.rank)
		}
		return b.rank.compare(a.rank)
	})
	for i := range rs {
		xs[i] = rs[i].x
	}
}

// sorted reports whether the rows are in another order than that of their arrival.
func (m *model) sorted() bool { return m.order.column != "" }

// setOrder sorts the rows by a column, or the groups where they are shown.
func (m *model) setOrder(o order) {
	if m.view.group != "" {
		m.groupOrder = o
	} else {
		m.order = o
	}
	m.choose()
	m.cursor.refresh(m)
}

// shownOrder is that of the rows, or of the groups.
func (m *model) shownOrder() order {
	if m.view.group != "" {
		return m.groupOrder
	}
	return m.order
}
