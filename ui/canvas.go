package ui

import (
	"github.com/gdamore/tcell/v2"
	"github.com/rivo/uniseg"

	"detour/ui/mask"
	"detour/ui/text"
)

// A canvas is a rectangle of the screen. Everything that is drawn goes through
// put, which masks if others look on, cleans and clips; there is no markup in any text.
type canvas struct {
	s          tcell.Screen
	th         theme
	x, y, w, h int
	mask       *mask.Masker // masks the texts; nil: nobody looks on
}

// bare is c for texts that were masked already, as whole as they came: a part of one
// looks like something else.
func (c canvas) bare() canvas {
	c.mask = nil
	return c
}

// part returns a rectangle of c, in c's coordinates, clipped to it.
func (c canvas) part(x, y, w, h int) canvas {
	x, y = max(0, x), max(0, y)
	c.x, c.y = c.x+x, c.y+y
	c.w, c.h = max(0, min(w, c.w-x)), max(0, min(h, c.h-y))
	return c
}

// put writes s at (x, y) in at most w cells and returns how many it took.
func (c canvas) put(x, y, w int, s string, t tone) int {
	return c.puts(x, y, w, s, c.th[t])
}

func (c canvas) puts(x, y, w int, s string, st tcell.Style) int {
	s = c.mask.Text(s)
	w = min(w, c.w-x)
	if w <= 0 || y < 0 || y >= c.h {
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
		c.s.Put(c.x+x+used, c.y+y, g, st)
		used += gw
	}
	return used
}

// ascii is put for what nearly all text is. It looks at the cells that will be
// seen, not at the rest of the string.
func (c canvas) ascii(x, y, w int, s string, st tcell.Style) (int, bool) {
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
		c.s.Put(c.x+x+i, c.y+y, seen[i:i+1], st)
	}
	if cut {
		c.s.Put(c.x+x+w-1, c.y+y, text.Ellipsis, st)
		return w, true
	}
	return len(seen), true
}

// right writes s so that it ends before x+w.
func (c canvas) right(x, y, w int, s string, st tcell.Style) {
	s = c.mask.Text(s)
	s = text.Fit(s, w)
	n := text.Width(s)
	c.bare().puts(x+w-n, y, n, s, st)
}

// fill paints (x, y) to (x+w, y+h) blank.
func (c canvas) fill(x, y, w, h int, st tcell.Style) {
	for j := y; j < min(y+h, c.h); j++ {
		for i := x; i < min(x+w, c.w); i++ {
			c.s.Put(c.x+i, c.y+j, " ", st)
		}
	}
}

// rule draws a horizontal line.
func (c canvas) rule(x, y, w int, t tone) {
	for i := x; i < min(x+w, c.w); i++ {
		c.s.Put(c.x+i, c.y+y, "─", c.th[t])
	}
}
