package ui

import "detour/ui/pane"

// A placement is where the second pane is.
type placement uint8

const (
	below   placement = iota // tall screen: the table keeps all its columns
	atRight                  // wide screen
	inPlace                  // small screen: in the table's place, while it has the focus
)

// placeOf chooses by the size of the whole screen, so that nothing moves when a finding
// appears.
func placeOf(w, h int) placement {
	switch {
	case h >= 30:
		return below
	case w >= 170:
		return atRight
	}
	return inPlace
}

// split divides the body between the table and the second pane. Either may be empty.
func (a *app) split(c pane.Canvas) (table, second pane.Canvas) {
	nothing := c.Part(0, 0, 0, 0)
	if a.panes.second == 0 {
		return c, nothing
	}
	switch placeOf(a.screen.Size()) {
	case below:
		h := c.H * 2 / 5
		return c.Part(0, 0, c.W, h), c.Part(0, h, c.W, c.H-h)
	case atRight:
		w := c.W * 3 / 5
		return c.Part(0, 0, w-1, c.H), c.Part(w, 0, c.W-w, c.H)
	case inPlace:
		if a.panes.focus != onTable {
			return nothing, c
		}
	}
	return c, nothing
}
