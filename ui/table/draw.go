package table

import (
	"detour/internal/flow"
	"detour/ui/pane"
)

// A View is what a table is drawn from.
type View struct {
	Order   Order
	Top     int                  // first row or group in sight
	Row     func(*flow.Flow) Row // makes a row of a flow
	Domains *Domains             // how hosts on AWS's domains are shortened; nil: as all others
}

// Draw draws a table of flows. It looks only at the rows that fit, so its cost doesn't
// depend on how many there are. Column widths depend on the screen alone, so they don't
// change while rows scroll by.
func (v View) Draw(c pane.Canvas, cols []Column, flows []*flow.Flow, selected flow.ID) {
	widths := spread(cols, c.W-1)
	drawTitles(c, cols, widths, v.Order)
	body := c.Part(0, 1, c.W, c.H-1)
	cs := make([]cell, len(cols))
	for y := 0; y < body.H && v.Top+y < len(flows); y++ {
		r := v.Row(flows[v.Top+y])
		for i := range cols {
			cs[i] = cols[i].render(r)
		}
		v.drawCells(body, y, cs, cols, widths, r.ID == selected)
	}
}

// drawTitles draws the titles of columns, with an arrow at the one that rows are sorted by.
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

// drawCells draws a row. The selected one is reversed, and has an arrow as well.
func (v View) drawCells(c pane.Canvas, y int, cs []cell, cols []Column, widths []int, selected bool) {
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
		text := cols[i].shortened(v.Domains, cl.text, widths[i])
		if cols[i].right {
			c.PutRight(x, y, widths[i], text, st)
		} else {
			c.PutStyle(x, y, widths[i], text, st)
		}
		x += widths[i] + 1
	}
}
