package table

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"detour/internal/flow"
)

// A Choice is what a person wants of the columns, in the words it is written
// with. None is the layout that fits the screen. They are either all columns that are
// shown, in their order ("time call host:40"), or changes to the layout ("+note -dns").
type Choice []ChosenColumn

// A ChosenColumn is one of them.
type ChosenColumn struct {
	sign  string // "+" shows, "-" hides, beside the layout; "": it is one of all
	Name  string
	Width int // cells; 0: what the column takes by itself
}

// DefaultChoice is the word for the choice that is none.
const DefaultChoice = "default"

// minWidth and maxWidth bound a width, in cells.
const (
	MinWidth = 2
	MaxWidth = 400
)

func (w ChosenColumn) String() string {
	s := w.sign + w.Name
	if w.Width > 0 {
		s += ":" + strconv.Itoa(w.Width)
	}
	return s
}

// String is what parseColumns reads; "" is the layout.
func (c Choice) String() string {
	var words []string
	for _, w := range c {
		words = append(words, w.String())
	}
	return strings.Join(words, " ")
}

// ParseChoice reads a choice. That a column is none, or is there twice, and that all
// columns and changes are mixed, is an error.
func ParseChoice(text string) (Choice, error) {
	if strings.TrimSpace(text) == DefaultChoice {
		return nil, nil
	}
	var c Choice
	for _, s := range strings.Fields(text) {
		w, err := ParseColumn(s)
		switch {
		case err != nil:
			return nil, err
		case len(c) > 0 && (c[0].sign == "") != (w.sign == ""):
			return nil, fmt.Errorf("give either all columns (time call host) or changes (+note -dns), not both")
		case slices.ContainsFunc(c, w.same):
			return nil, fmt.Errorf("%s is listed twice", w.Name)
		}
		c = append(c, w)
	}
	return c, nil
}

func ParseColumn(s string) (ChosenColumn, error) {
	var w ChosenColumn
	if s[0] == '+' || s[0] == '-' {
		w.sign, s = s[:1], s[1:]
	}
	name, cells, has := strings.Cut(s, ":")
	if _, ok := ColumnNamed(name); !ok {
		return w, fmt.Errorf("unknown column %s; choose one of %s", flow.Printable(name), List(ColumnNames()))
	}
	w.Name = name
	if !has {
		return w, nil
	}
	n, err := strconv.Atoi(cells)
	if err != nil || n < MinWidth || n > MaxWidth || w.sign == "-" {
		return w, fmt.Errorf("a width is %d to %d cells, for a column that is shown: host:40", MinWidth, MaxWidth)
	}
	w.Width = n
	return w, nil
}

func (w ChosenColumn) same(x ChosenColumn) bool { return w.Name == x.Name }

// isList reports whether the choice names all columns.
func (c Choice) isList() bool { return len(c) > 0 && c[0].sign == "" }

// With is the choice with a column shown, or with that width; without is the one that
// hides it.
func (c Choice) With(name string, width int) Choice {
	w := ChosenColumn{"+", name, width}
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

func (c Choice) Without(name string) Choice {
	w := ChosenColumn{"-", name, 0}
	out := slices.DeleteFunc(slices.Clone(c), w.same)
	if !c.isList() {
		out = append(out, w)
	}
	return out
}

// Columns are those for a table of w cells. Of the columns that were asked for,
// the last ones give way if there is no room.
func (c Choice) Columns(w int) []Column {
	cols := c.Wanted(w)
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

// Wanted are the columns, whether there is room for them or not, in the form that the
// layout has of them. The sign is always there, first.
func (c Choice) Wanted(w int) []Column {
	usual := pick(w)
	cols := slices.Clone(usual)
	if c.isList() {
		cols = cols[:1]
	}
	for _, x := range c {
		named := func(y Column) bool { return y.Name == x.Name }
		i := slices.IndexFunc(cols, named)
		switch {
		case x.sign == "-" && i >= 0:
			cols = slices.Delete(cols, i, i+1)
		case x.sign == "-":
		case i >= 0:
			cols[i] = cols[i].of(x.Width)
		default:
			col, _ := ColumnNamed(x.Name)
			if u := slices.IndexFunc(usual, named); u >= 0 {
				col = usual[u]
			}
			cols = append(cols, col.of(x.Width))
		}
	}
	return cols
}

// Widths are the cells that the columns have in a table of w cells, by their names. A
// column that isn't there has no room, or isn't shown.
func (c Choice) Widths(w int) map[string]int {
	cols := c.Columns(w)
	out := make(map[string]int, len(cols))
	for i, n := range spread(cols, w-1) {
		out[cols[i].Name] = n
	}
	return out
}

// of is the column with a width of its own; 0: as it is.
func (c Column) of(width int) Column {
	if width > 0 {
		c.min, c.max, c.weight = width, width, 0
	}
	return c
}
