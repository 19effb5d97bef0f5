package ui

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"detour/internal/flow"
)

// A columnChoice is what a person wants of the columns, in the words it is written
// with. None is the layout that fits the screen. They are either all columns that are
// shown, in their order ("time call host:40"), or changes to the layout ("+note -dns").
type columnChoice []columnWord

// A columnWord is one of them.
type columnWord struct {
	sign  string // "+" shows, "-" hides, beside the layout; "": it is one of all
	name  string
	width int // cells; 0: what the column takes by itself
}

// defaultColumns is the word for the choice that is none.
const defaultColumns = "default"

// minWidth and maxWidth bound a width, in cells.
const (
	minWidth = 2
	maxWidth = 400
)

func (w columnWord) String() string {
	s := w.sign + w.name
	if w.width > 0 {
		s += ":" + strconv.Itoa(w.width)
	}
	return s
}

// String is what parseColumns reads; "" is the layout.
func (c columnChoice) String() string {
	var words []string
	for _, w := range c {
		words = append(words, w.String())
	}
	return strings.Join(words, " ")
}

// parseColumns reads a choice. That a column is none, or is there twice, and that all
// columns and changes are mixed, is an error.
func parseColumns(text string) (columnChoice, error) {
	if strings.TrimSpace(text) == defaultColumns {
		return nil, nil
	}
	var c columnChoice
	for _, s := range strings.Fields(text) {
		w, err := parseColumnWord(s)
		switch {
		case err != nil:
			return nil, err
		case len(c) > 0 && (c[0].sign == "") != (w.sign == ""):
			return nil, fmt.Errorf("either all columns (time call host), or changes (+note -dns), not both")
		case slices.ContainsFunc(c, w.same):
			return nil, fmt.Errorf("%s is there twice", w.name)
		}
		c = append(c, w)
	}
	return c, nil
}

func parseColumnWord(s string) (columnWord, error) {
	var w columnWord
	if s[0] == '+' || s[0] == '-' {
		w.sign, s = s[:1], s[1:]
	}
	name, cells, has := strings.Cut(s, ":")
	if _, ok := columnOf(name); !ok {
		return w, fmt.Errorf("there is no column %s; one of %s", flow.Printable(name), list(columnNames(nil)))
	}
	w.name = name
	if !has {
		return w, nil
	}
	n, err := strconv.Atoi(cells)
	if err != nil || n < minWidth || n > maxWidth || w.sign == "-" {
		return w, fmt.Errorf("a width is %d to %d cells of a column that is shown, as host:40", minWidth, maxWidth)
	}
	w.width = n
	return w, nil
}

func (w columnWord) same(x columnWord) bool { return w.name == x.name }

// isList reports whether the choice names all columns.
func (c columnChoice) isList() bool { return len(c) > 0 && c[0].sign == "" }

// with is the choice with a column shown, or with that width; without is the one that
// hides it.
func (c columnChoice) with(name string, width int) columnChoice {
	w := columnWord{"+", name, width}
	if c.isList() {
		w.sign = ""
	}
	c = slices.Clone(c)
	if i := slices.IndexFunc(c, w.same); i >= 0 {
		c[i] = w
		return c
	}
	return append(c, w)
}

func (c columnChoice) without(name string) columnChoice {
	w := columnWord{"-", name, 0}
	out := slices.DeleteFunc(slices.Clone(c), w.same)
	if !c.isList() {
		out = append(out, w)
	}
	return out
}

// columns are those for a table of w cells. Of the columns that were asked for,
// the last ones give way if there is no room.
func (c columnChoice) columns(ls []layout, w int) []column {
	cols := c.wanted(ls, w)
	if len(c) == 0 {
		return cols
	}
	need := 0
	for i, col := range cols {
		if need += col.min + 1; need > w && i > 1 {
			return cols[:i]
		}
	}
	return cols
}

// wanted are the columns, whether there is room for them or not, in the form that the
// layout has of them. The sign is always there, first.
func (c columnChoice) wanted(ls []layout, w int) []column {
	usual := pick(ls, w)
	cols := slices.Clone(usual)
	if c.isList() {
		cols = cols[:1]
	}
	for _, x := range c {
		named := func(y column) bool { return y.name == x.name }
		i := slices.IndexFunc(cols, named)
		switch {
		case x.sign == "-" && i >= 0:
			cols = slices.Delete(cols, i, i+1)
		case x.sign == "-":
		case i >= 0:
			cols[i] = cols[i].of(x.width)
		default:
			col, _ := columnOf(x.name)
			if u := slices.IndexFunc(usual, named); u >= 0 {
				col = usual[u]
			}
			cols = append(cols, col.of(x.width))
		}
	}
	return cols
}

// of is the column with a width of its own; 0: as it is.
func (c column) of(width int) column {
	if width > 0 {
		c.min, c.max, c.weight = width, width, 0
	}
	return c
}
