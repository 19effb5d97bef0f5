// Package columns lets a person choose the columns of the table: which ones, in which order and
// how wide.
package columns

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/gdamore/tcell/v2"

	"detour/ui/pane"
	"detour/ui/table"
)

// A Chooser lists the columns to choose from, while the table above it shows the choice.
type Chooser struct {
	rows   []row // all columns: those that are shown, in their order, then the others
	at     int   // the selected row
	choice table.Choice
	width  func() int // of the screen
	warn   func(text string)
	Scroll pane.Scroll
}

// A row is a column in the chooser.
type row struct {
	name  string
	shown bool
	width int // 0: the default
}

// New returns a chooser of what is chosen now. width is that of the screen; warn shows why a key
// does nothing.
func New(chosen table.Choice, width func() int, warn func(text string)) *Chooser {
	c := &Chooser{choice: chosen, width: width, warn: warn}
	c.fill()
	return c
}

// Choice is what is chosen so far.
func (c *Chooser) Choice() table.Choice { return c.choice }

// fill lists the columns according to the choice.
func (c *Chooser) fill() {
	c.rows = c.rows[:0]
	for _, col := range c.choice.Wanted(c.width())[1:] {
		r := row{name: col.Name, shown: true}
		for _, x := range c.choice {
			if x.Name == r.name {
				r.width = x.Width
			}
		}
		c.rows = append(c.rows, r)
	}
	for _, col := range table.Columns() {
		if !slices.ContainsFunc(c.rows, func(r row) bool { return r.name == col.Name }) {
			c.rows = append(c.rows, row{name: col.Name})
		}
	}
}

// choose updates the choice from the ticked rows.
func (c *Chooser) choose() {
	c.choice = nil
	for _, r := range c.rows {
		if r.shown {
			c.choice = append(c.choice, table.ChosenColumn{Name: r.name, Width: r.width})
		}
	}
}

// Key handles a key. closed says that it closes the chooser, and taken that the choice is to be
// used then.
func (c *Chooser) Key(ev *tcell.EventKey) (closed, taken bool) {
	r := &c.rows[c.at]
	switch k := ev.Key(); {
	case k == tcell.KeyEnter, ev.Rune() == 'c':
		return true, true
	case k == tcell.KeyEscape, ev.Rune() == 'q':
		return true, false
	case k == tcell.KeyDown, k == tcell.KeyTab, ev.Rune() == 'j':
		c.move(1)
	case k == tcell.KeyUp, k == tcell.KeyBacktab, ev.Rune() == 'k':
		c.move(-1)
	case ev.Rune() == ' ':
		if r.shown && len(c.choice) == 1 {
			c.warn("the last column can't be hidden")
			return false, false
		}
		r.shown = !r.shown
		c.choose()
	case ev.Rune() == 'J':
		c.place(1)
	case ev.Rune() == 'K':
		c.place(-1)
	case k == tcell.KeyRight, ev.Rune() == 'l', ev.Rune() == '+':
		c.widen(r, 1)
	case k == tcell.KeyLeft, ev.Rune() == 'h', ev.Rune() == '-':
		c.widen(r, -1)
	case ev.Rune() == 'w':
		r.width = 0
		c.choose()
	case ev.Rune() == 'd':
		c.choice, c.at = nil, 0
		c.fill()
	}
	return false, false
}

func (c *Chooser) move(n int) { c.at = (c.at + n + len(c.rows)) % len(c.rows) }

// place moves the column by n places.
func (c *Chooser) place(n int) {
	to := c.at + n
	if to < 0 || to >= len(c.rows) {
		return
	}
	c.rows[c.at], c.rows[to] = c.rows[to], c.rows[c.at]
	c.at = to
	c.choose()
}

// widen makes a column n cells wider than it is drawn.
func (c *Chooser) widen(r *row, n int) {
	if !r.shown {
		c.warn(r.name + " isn't shown; Space shows it")
		return
	}
	from := r.width
	if from == 0 {
		from = c.drawnWidths()[r.name]
	}
	r.width = min(max(from+n, table.MinWidth), table.MaxWidth)
	c.choose()
}

// drawnWidths are the widths of the columns in the table above. A column that isn't there
// has no room, or isn't shown.
func (c *Chooser) drawnWidths() map[string]int { return c.choice.Widths(c.width()) }

// Lines are the lines of the chooser.
func (c *Chooser) Lines() []pane.Line {
	var p pane.Page
	drawn := c.drawnWidths()
	for i, r := range c.rows {
		label, width, t := "  [ ] "+r.name, "", pane.Dim
		switch n, fits := drawn[r.name]; {
		case r.shown && !fits:
			label, width, t = "  [x] "+r.name, "no room", pane.Warn
		case r.shown && r.width > 0:
			label, width, t = "  [x] "+r.name, strconv.Itoa(n)+" set", pane.Plain
		case r.shown:
			label, width, t = "  [x] "+r.name, strconv.Itoa(n), pane.Plain
		}
		if i == c.at {
			label, t = "▸"+label[1:], pane.Accent
		}
		col, _ := table.ColumnNamed(r.name)
		p.Add(label, fmt.Sprintf("%-10s %s", width, col.Doc), t)
	}
	return p
}

// Split divides the body between the table and the chooser, whose selected row stays
// in sight.
func (c *Chooser) Split(body pane.Canvas) (table, second pane.Canvas) {
	h := 0
	if body.H >= 14 {
		h = body.H * 2 / 5
	}
	second = body.Part(0, h, body.W, body.H-h)
	c.Scroll.Top = max(min(c.Scroll.Top, c.at), c.at-(second.H-2))
	return body.Part(0, 0, body.W, h), second
}
