package ui

import "slices"

// A columnChoice is what a person wants of the columns. The zero value is the layout
// that suits the screen's width.
type columnChoice struct {
	names  []string // these, in this order; nil: the layout's
	hidden []string // of the layout
	more   []string // beside the layout
}

// columns are those for a table of w cells. Of the columns that were asked for,
// the last ones give way if there is no room.
func (c columnChoice) columns(ls []layout, w int) []column {
	cols := pick(ls, w)
	if c.names == nil && c.hidden == nil && c.more == nil {
		return cols
	}
	if c.names != nil {
		cols = []column{signColumn()}
	} else {
		cols = slices.DeleteFunc(slices.Clone(cols), func(x column) bool { return slices.Contains(c.hidden, x.name) })
	}
	for _, n := range slices.Concat(c.names, c.more) {
		have := func(x column) bool { return x.name == n }
		if col, ok := columnOf(n); ok && !slices.ContainsFunc(cols, have) {
			cols = append(cols, col)
		}
	}
	need := 0
	for i, col := range cols {
		if need += col.min + 1; need > w && i > 1 {
			return cols[:i]
		}
	}
	return cols
}
