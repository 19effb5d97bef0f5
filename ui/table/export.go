package table

import (
	"detour/ui/pane"
	"detour/ui/text"
)

// A Layout is the columns for a width, for other screens than the terminal.
type Layout struct {
	From    int // cells: it is for this width and more
	Columns []Column
}

// Layouts returns the layouts, widest first. The last one is for any width.
func Layouts() []Layout {
	var out []Layout
	for _, l := range layouts() {
		out = append(out, Layout{l.from, l.columns})
	}
	return out
}

// Key tells the columns of all layouts apart: two with the same key have the same cells, and
// differ at most in their widths.
func (c Column) Key() string {
	if c.form == "" {
		return c.Name
	}
	return c.Name + ":" + c.form
}

// Title is what stands above the column; "" above the one of the signs.
func (c Column) Title() string { return c.title }

// Right reports whether its texts are aligned right.
func (c Column) Right() bool { return c.right }

// Width returns the least width and the greatest one (0: no limit), in cells, and the column's
// share of the cells that remain.
func (c Column) Width() (least, weight, most int) { return c.min, c.weight, c.max }

// Cell returns what the column says of a row, cleaned, and its tone.
func (c Column) Cell(r Row) (string, pane.Tone) {
	x := c.render(r)
	s, _ := text.Head(x.text, text.MaxCell)
	return text.Clean(s), x.tone
}

// Short returns a text of the column as a column of w cells has it. It is s itself if that
// fits, or if nothing but its end can be cut.
func (c Column) Short(ds *Domains, s string, w int) string {
	return c.shortened(ds, s, w)
}

// RankOf ranks an outcome: 3 no response, 2 an error, 1 a notice, 0 success.
func RankOf(r Row) int { return rankOf(r) }
