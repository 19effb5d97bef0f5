package ui

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/gdamore/tcell/v2"

	"detour/ui/pane"
	"detour/ui/table"
)

// A chooser lists the columns to choose from, while the table above it shows the choice.
type chooser struct {
	rows   []chooserRow // all columns: those that are shown, in their order, then the others
	row    int          // selected
	choice table.Choice
	scroll pane.Scroll
}

// A chooserRow is a column in the chooser.
type chooserRow struct {
	name  string
	shown bool
	width int // 0: the default
}

// open opens the chooser.
func (cs *columnEditor) open() {
	if cs.state.m.view.group != "" {
		cs.state.notify(pane.Warn, "groups have fixed columns; :group off shows the flows")
		return
	}
	c := &chooser{choice: cs.current()}
	cs.chooser = c
	cs.fill()
}

// fill lists the columns according to the choice.
func (cs *columnEditor) fill() {
	c := cs.chooser
	c.rows = c.rows[:0]
	w, _ := cs.state.screen.Size()
	for _, col := range c.choice.Wanted(w)[1:] {
		row := chooserRow{name: col.Name, shown: true}
		for _, x := range c.choice {
			if x.Name == row.name {
				row.width = x.Width
			}
		}
		c.rows = append(c.rows, row)
	}
	for _, col := range table.Columns() {
		if !slices.ContainsFunc(c.rows, func(r chooserRow) bool { return r.name == col.Name }) {
			c.rows = append(c.rows, chooserRow{name: col.Name})
		}
	}
}

// choose updates the choice from the ticked rows.
func (c *chooser) choose() {
	c.choice = nil
	for _, r := range c.rows {
		if r.shown {
			c.choice = append(c.choice, table.ChosenColumn{Name: r.name, Width: r.width})
		}
	}
}

// key handles a key in the chooser.
func (cs *columnEditor) key(ev *tcell.EventKey) {
	c := cs.chooser
	r := &c.rows[c.row]
	switch k := ev.Key(); {
	case k == tcell.KeyEnter, ev.Rune() == 'c':
		cs.chooser = nil
		cs.store(c.choice)
	case k == tcell.KeyEscape, ev.Rune() == 'q':
		cs.chooser = nil
	case k == tcell.KeyDown, k == tcell.KeyTab, ev.Rune() == 'j':
		c.move(1)
	case k == tcell.KeyUp, k == tcell.KeyBacktab, ev.Rune() == 'k':
		c.move(-1)
	case ev.Rune() == ' ':
		if r.shown && len(c.choice) == 1 {
			cs.state.notify(pane.Warn, "the last column can't be hidden")
			return
		}
		r.shown = !r.shown
		c.choose()
	case ev.Rune() == 'J':
		c.place(1)
	case ev.Rune() == 'K':
		c.place(-1)
	case k == tcell.KeyRight, ev.Rune() == 'l', ev.Rune() == '+':
		cs.widen(r, 1)
	case k == tcell.KeyLeft, ev.Rune() == 'h', ev.Rune() == '-':
		cs.widen(r, -1)
	case ev.Rune() == 'w':
		r.width = 0
		c.choose()
	case ev.Rune() == 'd':
		c.choice, c.row = nil, 0
		cs.fill()
	}
}

func (c *chooser) move(n int) { c.row = (c.row + n + len(c.rows)) % len(c.rows) }

// place moves the column by n places.
func (c *chooser) place(n int) {
	to := c.row + n
	if to < 0 || to >= len(c.rows) {
		return
	}
	c.rows[c.row], c.rows[to] = c.rows[to], c.rows[c.row]
	c.row = to
	c.choose()
}

// widen makes a column n cells wider than it is drawn.
func (cs *columnEditor) widen(r *chooserRow, n int) {
	if !r.shown {
		cs.state.notify(pane.Warn, "%s isn't shown; Space shows it", r.name)
		return
	}
	from := r.width
	if from == 0 {
		from = cs.drawnWidths()[r.name]
	}
	r.width = min(max(from+n, table.MinWidth), table.MaxWidth)
	cs.chooser.choose()
}

// drawnWidths are the widths of the columns in the table above. A column that isn't there
// has no room, or isn't shown.
func (cs *columnEditor) drawnWidths() map[string]int {
	w, _ := cs.state.screen.Size()
	return cs.chooser.choice.Widths(w)
}

// store makes the choice permanent.
func (cs *columnEditor) store(c table.Choice) {
	if c.String() == cs.current().String() {
		return
	}
	if err := cs.use(c); err != nil {
		cs.state.notify(pane.Bad, "columns: %v", err)
	}
}

// lines are the lines of the chooser.
func (cs *columnEditor) lines() []pane.Line {
	var p pane.Page
	drawn := cs.drawnWidths()
	for i, r := range cs.chooser.rows {
		label, width, t := "  [ ] "+r.name, "", pane.Dim
		switch n, fits := drawn[r.name]; {
		case r.shown && !fits:
			label, width, t = "  [x] "+r.name, "no room", pane.Warn
		case r.shown && r.width > 0:
			label, width, t = "  [x] "+r.name, strconv.Itoa(n)+" set", pane.Plain
		case r.shown:
			label, width, t = "  [x] "+r.name, strconv.Itoa(n), pane.Plain
		}
		if i == cs.chooser.row {
			label, t = "▸"+label[1:], pane.Accent
		}
		col, _ := table.ColumnNamed(r.name)
		p.Add(label, fmt.Sprintf("%-10s %s", width, col.Doc), t)
	}
	return p
}

// split divides the body between the table and the chooser, whose selected row stays
// in sight.
func (cs *columnEditor) split(c pane.Canvas) (table, second pane.Canvas) {
	h := 0
	if c.H >= 14 {
		h = c.H * 2 / 5
	}
	second = c.Part(0, h, c.W, c.H-h)
	s, row := &cs.chooser.scroll, cs.chooser.row
	s.Top = max(min(s.Top, row), row-(second.H-2))
	return c.Part(0, 0, c.W, h), second
}
