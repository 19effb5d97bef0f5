package table

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"detour/internal/flow"
)

// A Choice is which columns a person wants, as typed: either all columns in their order
// ("time call host:40") or changes to the layout ("+note -dns"). The empty choice is the
// layout that fits the screen.
type Choice []ChosenColumn

// A ChosenColumn is a column of a choice.
type ChosenColumn struct {
	sign  string // "+" adds it to the layout, "-" hides it; "": the choice lists all columns
	Name  string
	Width int // cells; 0: the column's default
}

// DefaultChoice is the word for the empty choice.
const DefaultChoice = "default"

// MinWidth and MaxWidth bound the width of a column, in cells.
const (
	MinWidth = 2
	MaxWidth = 400
)

// String returns the column as ParseColumn reads it.
func (w ChosenColumn) String() string {
	s := w.sign + w.Name
	if w.Width > 0 {
		s += ":" + strconv.Itoa(w.Width)
	}
	return s
}

// String returns the choice as ParseChoice reads it; "" for the layout.
func (c Choice) String() string {
	var words []string
	for _, w := range c {
		words = append(words, w.String())
	}
	return strings.Join(words, " ")
}

// ParseChoice parses a choice. An unknown or repeated column is an error, and so is a
// mixture of all columns and changes.
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

// ParseColumn parses a column of a choice: "host", "host:40", "+note" or "-dns".
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

// isList reports whether the choice lists all columns.
func (c Choice) isList() bool { return len(c) > 0 && c[0].sign == "" }

// With returns the choice with a column shown, in a width if that isn't 0.
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

// Without returns the choice with a column hidden.
func (c Choice) Without(name string) Choice {
	w := ChosenColumn{"-", name, 0}
	out := slices.DeleteFunc(slices.Clone(c), w.same)
	if !c.isList() {
		out = append(out, w)
	}
	return out
}

// Columns returns the columns for a table of w cells. If a person's choice doesn't fit, the
// last columns are omitted.
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

// Wanted returns the columns whether they fit or not, in the form that the layout for w
// cells has of them. The sign column always comes first.
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

// Widths returns the widths of the columns in a table of w cells, by name. A column that
// isn't there has no room, or isn't shown.
func (c Choice) Widths(w int) map[string]int {
	cols := c.Columns(w)
	out := make(map[string]int, len(cols))
	for i, n := range spread(cols, w-1) {
		out[cols[i].Name] = n
	}
	return out
}

// of returns the column with a fixed width; 0 leaves it as it is.
func (c Column) of(width int) Column {
	if width > 0 {
		c.min, c.max, c.weight = width, width, 0
	}
	return c
}
