package ui

// grid draws the table. It looks only at the rows that fit, so its cost doesn't
// depend on how many there are; and column widths depend on the screen alone,
// so they don't move while rows scroll by.
func (c canvas) grid(m *model, cols []column) {
	if m.overDays() {
		cols = dated(cols, c.w-1)
	}
	widths := spread(cols, c.w-1)
	c.titles(cols, widths, m.order)
	body := c.part(0, 1, c.w, c.h-1)
	m.cursor.page = body.h
	top := m.cursor.top(m)
	cs := make([]cell, len(cols))
	for y := 0; y < body.h && top+y < len(m.rows); y++ {
		r := m.row(m.rows[top+y])
		for i := range cols {
			cs[i] = cols[i].render(r)
		}
		body.cells(y, cs, cols, widths, r.ID == m.cursor.id)
	}
}

// titles draws the heads of columns; the one that is sorted by has an arrow.
func (c canvas) titles(cols []column, widths []int, o order) {
	c = c.bare()
	x := 1
	for i, col := range cols {
		title := col.title
		if o.column != "" && col.name == o.column {
			title += o.arrow()
		}
		if col.right {
			c.right(x, 0, widths[i], title, c.th[toneHead])
		} else {
			c.put(x, 0, widths[i], title, toneHead)
		}
		x += widths[i] + 1
	}
}

// cells draws one row. The selected one is reversed, and has an arrow as well.
func (c canvas) cells(y int, cs []cell, cols []column, widths []int, selected bool) {
	x := 1
	if selected {
		c.fill(0, y, c.w, 1, c.th[toneChosen])
		c.puts(0, y, 1, "▸", c.th[toneChosen])
	}
	masker := c.mask
	c = c.bare()
	for i, cl := range cs {
		cl.text = cols[i].shows.mask(masker, cl.text)
		st := c.th[cl.tone]
		if selected {
			st = c.th[toneChosen].Bold(cl.tone == toneBad)
		}
		text := cols[i].shortened(cl.text, widths[i])
		if cols[i].right {
			c.right(x, y, widths[i], text, st)
		} else {
			c.puts(x, y, widths[i], text, st)
		}
		x += widths[i] + 1
	}
}
