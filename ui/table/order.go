package table

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"detour/internal/filter"
	"detour/internal/flow"
)

// An Order is what rows or groups are sorted by. The zero value is the order of arrival.
type Order struct {
	Column string // name of a column
	up     bool   // smallest first
}

// NoOrder is the word for the order of arrival.
const NoOrder = "off"

// ParseOrder parses "total", "total up" or "total down"; "" and "off" are the order of
// arrival. columns are those that can be sorted by.
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

// String returns the order as ParseOrder reads it.
func (o Order) String() string {
	if o.up {
		return o.Column + " up"
	}
	return o.Column
}

// OrderNames returns what rows, or groups, can be sorted by.
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

// Arrow points to where the largest rank is.
func (o Order) Arrow() string {
	if o.up {
		return "▲"
	}
	return "▼"
}

// A rank is what a row is sorted by: first the number, then the text.
type rank struct {
	number int64
	text   string
}

func (a rank) compare(b rank) int {
	return cmp.Or(cmp.Compare(a.number, b.number), strings.Compare(a.text, b.text))
}

// Sort sorts flows, of which rowOf makes rows. The zero order leaves them as they are.
func Sort(flows []*flow.Flow, rowOf func(*flow.Flow) Row, o Order) {
	col, ok := ColumnNamed(o.Column)
	if !ok || col.rank == nil {
		return
	}
	sortBy(flows, o.up, func(f *flow.Flow) rank { return col.rank(rowOf(f)) })
}

// sortBy sorts xs by their ranks, each of which is computed once. Equal ones keep their
// order.
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

// List returns the texts of candidates, separated by commas.
func List(cs []filter.Candidate) string {
	var out []string
	for _, c := range cs {
		out = append(out, c.Text)
	}
	return strings.Join(out, ", ")
}
