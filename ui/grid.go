package ui

import (
	"detour/ui/pane"
)

// drawTable draws the table. It looks only at the rows that fit, so its cost doesn't
// depend on how many there are; and column widths depend on the screen alone,
// so they don't move while rows scroll by.
func drawTable(c pane.Canvas, m *model, cols []column) {
	if m.overDays() {
		cols = dated(cols, c.W-1)
	}
	widths := spread(cols, c.W-1)
	drawTitles(c, cols, widths, m.order)
	body := c.Part(0, 1, c.W, c.H-1)
	m.cursor.page = body.H
	top := m.cursor.top(m)
	cs := make([]cell, len(cols))
	for y := 0; y < body.H && top+y < len(m.rows); y++ {
		r := m.row(m.rows[top+y])
		for i := range cols {
			cs[i] = cols[i].render(r)
		}
		drawCells(body, y, cs, cols, widths, r.ID == m.cursor.id)
	}
}

// drawTitles draws the heads of columns; the one that is sorted by has an arrow.
func drawTitles(c pane.Canvas, cols []column, widths []int, o order) {
	c = c.Unmasked()
	x := 1
	for i, col := range cols {
		title := col.title
		if o.column != "" && col.name == o.column {
			title += o.arrow()
		}
		if col.right {
			c.PutRight(x, 0, widths[i], title, c.Theme[pane.Head])
		} else {
			c.Put(x, 0, widths[i], title, pane.Head)
		}
		x += widths[i] + 1
	}
}

// drawCells draws one row. The selected one is reversed, and has an arrow as well.
func drawCells(c pane.Canvas, y int, cs []cell, cols []column, widths []int, selected bool) {
	x := 1
	if selected {
		c.Fill(0, y, c.W, 1, c.Theme[pane.Chosen])
		c.PutStyle(0, y, 1, "▸", c.Theme[pane.Chosen])
	}
	masker := c.Mask
	c = c.Unmasked()
	for i, cl := range cs {
		cl.text = cols[i].shows.mask(masker, cl.text)
		st := c.Theme[cl.tone]
		if selected {
			st = c.Theme[pane.Chosen].Bold(cl.tone == pane.Bad)
		}
		text := cols[i].shortened(cl.text, widths[i])
		if cols[i].right {
			c.PutRight(x, y, widths[i], text, st)
		} else {
			c.PutStyle(x, y, widths[i], text, st)
		}
		x += widths[i] + 1
	}
}
