package pane

import (
	"github.com/gdamore/tcell/v2"
	"github.com/rivo/uniseg"

	"detour/ui/mask"
	"detour/ui/text"
)

// A Canvas is a rectangle of the screen. Whatever is put on it is masked, cleaned and
// clipped; there is no markup in any text. Coordinates count from its top left cell.
type Canvas struct {
	Screen     tcell.Screen
	Theme      Theme
	X, Y, W, H int          // where it is on the screen, and its size, in cells
	Mask       *mask.Masker // nil: nothing is masked
}

// Unmasked returns c for texts that have been masked already, while they were whole: a
// part of a text may not look like what has to be masked.
func (c Canvas) Unmasked() Canvas {
	c.Mask = nil
	return c
}

// Part returns a rectangle of c, clipped to it.
func (c Canvas) Part(x, y, w, h int) Canvas {
	x, y = max(0, x), max(0, y)
	c.X, c.Y = c.X+x, c.Y+y
	c.W, c.H = max(0, min(w, c.W-x)), max(0, min(h, c.H-y))
	return c
}

// Put writes s at (x, y) in at most w cells, and returns how many it took.
func (c Canvas) Put(x, y, w int, s string, t Tone) int {
	return c.PutStyle(x, y, w, s, c.Theme[t])
}

// PutStyle is Put with a style that no tone has.
func (c Canvas) PutStyle(x, y, w int, s string, st tcell.Style) int {
	s = c.Mask.Text(s)
	w = min(w, c.W-x)
	if w <= 0 || y < 0 || y >= c.H {
		return 0
	}
	if n, ok := c.ascii(x, y, w, s, st); ok {
		return n
	}
	used, state, rest := 0, -1, text.Fit(s, w)
	for rest != "" {
		var g string
		var gw int
		g, rest, gw, state = uniseg.FirstGraphemeClusterInString(rest, state)
		c.Screen.Put(c.X+x+used, c.Y+y, g, st)
		used += gw
	}
	return used
}

// ascii is put for what nearly all text is. It looks at the cells that will be
// seen, not at the rest of the string.
func (c Canvas) ascii(x, y, w int, s string, st tcell.Style) (int, bool) {
	seen := s[:min(len(s), w)]
	for i := range len(seen) {
		if seen[i] < ' ' || seen[i] > '~' {
			return 0, false
		}
	}
	cut := len(s) > w
	if cut {
		seen = seen[:w-1]
	}
	for i := range len(seen) {
		c.Screen.Put(c.X+x+i, c.Y+y, seen[i:i+1], st)
	}
	if cut {
		c.Screen.Put(c.X+x+w-1, c.Y+y, text.Ellipsis, st)
		return w, true
	}
	return len(seen), true
}

// PutRight writes s so that it ends at x+w.
func (c Canvas) PutRight(x, y, w int, s string, st tcell.Style) {
	s = c.Mask.Text(s)
	s = text.Fit(s, w)
	n := text.Width(s)
	c.Unmasked().PutStyle(x+w-n, y, n, s, st)
}

// Fill blanks w by h cells from (x, y) on.
func (c Canvas) Fill(x, y, w, h int, st tcell.Style) {
	for j := y; j < min(y+h, c.H); j++ {
		for i := x; i < min(x+w, c.W); i++ {
			c.Screen.Put(c.X+i, c.Y+j, " ", st)
		}
	}
}

// Rule draws a horizontal line of w cells.
func (c Canvas) Rule(x, y, w int, t Tone) {
	for i := x; i < min(x+w, c.W); i++ {
		c.Screen.Put(c.X+i, c.Y+y, "─", c.Theme[t])
	}
}
