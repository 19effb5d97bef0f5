package ui

import "github.com/gdamore/tcell/v2"

// grid draws the table. It looks only at the rows that fit, so its cost doesn't
// depend on how many there are; and column widths depend on the screen alone,
// so they don't move while rows scroll by.
func (c canvas) grid(m *model, ls []layout) {
	const gutter = 1
	cols := pick(ls, c.w)
	widths := spread(cols, c.w-gutter)
	x := gutter
	for i, col := range cols {
		if col.right {
			c.right(x, 0, widths[i], col.title, c.th[toneHead])
		} else {
			c.put(x, 0, widths[i], col.title, toneHead)
		}
		x += widths[i] + 1
	}
	body := c.part(0, 1, c.w, c.h-1)
	m.cursor.page = body.h
	top := m.cursor.top(m)
	for y := 0; y < body.h && top+y < len(m.rows); y++ {
		r := m.row(m.rows[top+y])
		body.row(y, r, cols, widths, r.ID == m.cursor.id)
	}
}

// row draws one row. The selected one is reversed, and has an arrow as well.
func (c canvas) row(y int, r row, cols []column, widths []int, selected bool) {
	x := 1
	if selected {
		c.fill(0, y, c.w, 1, tcell.StyleDefault.Reverse(true))
		c.puts(0, y, 1, "▸", tcell.StyleDefault.Reverse(true))
	}
	for i, col := range cols {
		cl := col.render(r)
		st := c.th[cl.tone]
		if selected {
			st = tcell.StyleDefault.Reverse(true).Bold(cl.tone == toneBad)
		}
		if col.right {
			c.right(x, y, widths[i], cl.text, st)
		} else {
			c.puts(x, y, widths[i], cl.text, st)
		}
		x += widths[i] + 1
	}
}
