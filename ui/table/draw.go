package table

import (
	"detour/internal/flow"
	"detour/ui/pane"
)

// Draw draws a table of flows, from line top on, of each of which rowOf makes a row. It
// looks only at the rows that fit, so its cost doesn't depend on how many there are. Column
// widths depend on the screen alone, so they don't change while rows scroll by.
func Draw(c pane.Canvas, cols []Column, o Order, flows []*flow.Flow, rowOf func(*flow.Flow) Row, top int, selected flow.ID) {
	widths := spread(cols, c.W-1)
	drawTitles(c, cols, widths, o)
	body := c.Part(0, 1, c.W, c.H-1)
	cs := make([]cell, len(cols))
	for y := 0; y < body.H && top+y < len(flows); y++ {
		r := rowOf(flows[top+y])
		for i := range cols {
			cs[i] = cols[i].render(r)
		}
		drawCells(body, y, cs, cols, widths, r.ID == selected)
	}
}

// drawTitles draws the heads of columns; the one that is sorted by has an arrow.
func drawTitles(c pane.Canvas, cols []Column, widths []int, o Order) {
	c = c.Unmasked()
	x := 1
	for i, col := range cols {
		title := col.title
		if o.Column != "" && col.Name == o.Column {
			title += o.Arrow()
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
func drawCells(c pane.Canvas, y int, cs []cell, cols []Column, widths []int, selected bool) {
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
