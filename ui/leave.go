package ui

import (
	"io"
	"strings"

	"github.com/gdamore/tcell/v2"
)

// quitLeaving quits, and leaves what the screen shows on the terminal.
func (a *app) quitLeaving() {
	a.last = screenText(a.screen)
	a.quit()
}

func noLast(a *app) string {
	if a.opt.Last == nil {
		return "the last screen can't be left here; q quits"
	}
	return ""
}

// writeLast writes the last screen, if it was asked for. The terminal is itself again.
func (a *app) writeLast() error {
	if a.last == "" {
		return nil
	}
	_, err := io.WriteString(a.opt.Last, a.last)
	return err
}

// screenText is what a screen shows, but for the line of outcomes and the keys. What
// is on the screen was cleaned, so it may be written to a terminal.
func screenText(s tcell.Screen) string {
	w, h := s.Size()
	var lines []string
	for y := range max(0, h-2) {
		var b strings.Builder
		for x := 0; x < w; {
			c, _, n := s.Get(x, y)
			b.WriteString(c)
			x += max(1, n)
		}
		lines = append(lines, strings.TrimRight(b.String(), " "))
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n") + "\n"
}
