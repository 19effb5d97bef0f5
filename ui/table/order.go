package table

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"detour/internal/filter"
	"detour/internal/flow"
)

// An Order is what the rows are sorted by. The zero value is by arrival.
type Order struct {
	Column string // a column's name
	up     bool   // smallest first
}

// NoOrder is the word for the order of arrival.
const NoOrder = "off"

// ParseOrder reads "total", "total up", "total down"; "" and "off" are the order of
// arrival. The columns are those of the rows, or of groups.
func ParseOrder(text string, columns []filter.Candidate) (Order, error) {
	words := strings.Fields(text)
	if len(words) == 0 || len(words) == 1 && words[0] == NoOrder {
		return Order{}, nil
	}
	if !slices.ContainsFunc(columns, func(c filter.Candidate) bool { return c.Text == words[0] }) {
		return Order{}, fmt.Errorf("choose one of %s, or %s", List(columns), NoOrder)
	}
	if rest := strings.Join(words[1:], " "); rest != "" && rest != "up" && rest != "down" {
		return Order{}, fmt.Errorf("use up or down, not %s", flow.Printable(rest))
	}
	return Order{words[0], len(words) > 1 && words[1] == "up"}, nil
}

// String is what parseOrder reads.
func (o Order) String() string {
	if o.up {
		return o.Column + " up"
	}
	return o.Column
}

// OrderNames are what rows, or groups, are sorted by.
func OrderNames(groups bool) []filter.Candidate {
	if !groups {
		return ColumnNames()
	}
	var out []filter.Candidate
	for _, c := range groupColumns("") {
		if c.Name != "" {
			out = append(out, filter.Candidate{Text: c.Name, Doc: c.Doc})
		}
	}
	return out
}

func (o Order) Arrow() string {
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

// Sort sorts flows, of each of which rowOf makes a row, once. The zero order leaves
// them as they are.
func Sort(flows []*flow.Flow, rowOf func(*flow.Flow) Row, o Order) {
	col, ok := ColumnNamed(o.Column)
	if !ok || col.rank == nil {
		return
	}
	sortBy(flows, o.up, func(f *flow.Flow) rank { return col.rank(rowOf(f)) })
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

func List(cs []filter.Candidate) string {
	var out []string
	for _, c := range cs {
		out = append(out, c.Text)
	}
	return strings.Join(out, ", ")
}
