package ui

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/gdamore/tcell/v2"

	"detour/ui/pane"
	"detour/ui/table"
)

// A chooser asks for the columns, while the table above it shows them.
type chooser struct {
	rows   []chooserRow // every column: those that are shown in their order, then the others
	row    int          // that the keys act on
	choice table.Choice
	scroll pane.Scroll
}

// A chooserRow is a column as it may be chosen.
type chooserRow struct {
	name  string
	shown bool
	width int // 0: its own
}

func (a *app) startChooser() {
	if a.m.view.group != "" {
		a.say(pane.Warn, "the table of groups has its own columns; :group off shows the flows")
		return
	}
	c := &chooser{choice: a.columns()}
	a.chooser = c
	a.fillChooser()
}

// fillChooser lists the columns as the choice has them.
func (a *app) fillChooser() {
	c := a.chooser
	c.rows = c.rows[:0]
	w, _ := a.screen.Size()
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

// choose makes the choice of what is ticked.
func (c *chooser) choose() {
	c.choice = nil
	for _, r := range c.rows {
		if r.shown {
			c.choice = append(c.choice, table.ChosenColumn{Name: r.name, Width: r.width})
		}
	}
}

func (a *app) chooserKey(ev *tcell.EventKey) {
	c := a.chooser
	r := &c.rows[c.row]
	switch k := ev.Key(); {
	case k == tcell.KeyEnter, ev.Rune() == 'c':
		a.chooser = nil
		a.keepChosen(c.choice)
	case k == tcell.KeyEscape, ev.Rune() == 'q':
		a.chooser = nil
	case k == tcell.KeyDown, k == tcell.KeyTab, ev.Rune() == 'j':
		c.move(1)
	case k == tcell.KeyUp, k == tcell.KeyBacktab, ev.Rune() == 'k':
		c.move(-1)
	case ev.Rune() == ' ':
		if r.shown && len(c.choice) == 1 {
			a.say(pane.Warn, "it is the last one")
			return
		}
		r.shown = !r.shown
		c.choose()
	case ev.Rune() == 'J':
		c.place(1)
	case ev.Rune() == 'K':
		c.place(-1)
	case k == tcell.KeyRight, ev.Rune() == 'l', ev.Rune() == '+':
		a.widen(r, 1)
	case k == tcell.KeyLeft, ev.Rune() == 'h', ev.Rune() == '-':
		a.widen(r, -1)
	case ev.Rune() == 'w':
		r.width = 0
		c.choose()
	case ev.Rune() == 'd':
		c.choice, c.row = nil, 0
		a.fillChooser()
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

// widen gives a column n cells more than it is drawn with.
func (a *app) widen(r *chooserRow, n int) {
	if !r.shown {
		a.say(pane.Warn, "%s isn't shown; Space shows it", r.name)
		return
	}
	from := r.width
	if from == 0 {
		from = a.drawnWidths()[r.name]
	}
	r.width = min(max(from+n, table.MinWidth), table.MaxWidth)
	a.chooser.choose()
}

// drawnWidths are the cells that the columns have in the table above. One that isn't
// there has no room, or isn't shown.
func (a *app) drawnWidths() map[string]int {
	w, _ := a.screen.Size()
	return a.chooser.choice.Widths(w)
}

// keepChosen has the choice hold from now on.
func (a *app) keepChosen(c table.Choice) {
	if c.String() == a.columns().String() {
		return
	}
	if err := a.useColumns(c); err != nil {
		a.say(pane.Bad, "columns: %v", err)
	}
}

func (a *app) chooserLines() []pane.Line {
	var p pane.Page
	drawn := a.drawnWidths()
	for i, r := range a.chooser.rows {
		label, width, t := "  [ ] "+r.name, "", pane.Dim
		switch n, fits := drawn[r.name]; {
		case r.shown && !fits:
			label, width, t = "  [x] "+r.name, "no room", pane.Warn
		case r.shown && r.width > 0:
			label, width, t = "  [x] "+r.name, strconv.Itoa(n)+" set", pane.Plain
		case r.shown:
			label, width, t = "  [x] "+r.name, strconv.Itoa(n), pane.Plain
		}
		if i == a.chooser.row {
			label, t = "▸"+label[1:], pane.Accent
		}
		col, _ := table.ColumnNamed(r.name)
		p.Add(label, fmt.Sprintf("%-10s %s", width, col.Doc), t)
	}
	return p
}

// splitChooser divides the body between the table and the chooser, whose row stays in sight.
func (a *app) splitChooser(c pane.Canvas) (table, beside pane.Canvas) {
	h := 0
	if c.H >= 14 {
		h = c.H * 2 / 5
	}
	beside = c.Part(0, h, c.W, c.H-h)
	s, row := &a.chooser.scroll, a.chooser.row
	s.Top = max(min(s.Top, row), row-(beside.H-2))
	return c.Part(0, 0, c.W, h), beside
}
