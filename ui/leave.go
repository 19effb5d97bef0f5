package ui

import (
	"io"
	"strings"

	"github.com/gdamore/tcell/v2"

	"detour/ui/pane"
)

// quitLeaving quits, and leaves what the screen shows on the terminal.
func (a *app) quitLeaving() { a.leaveWith(screenText(a.screen)) }

// leaveNow quits.
func (a *app) leaveNow() { a.leaveWith("") }

// leaveWith quits, with what is left on the terminal, and asks first if that loses what
// a person has made.
func (a *app) leaveWith(last string) {
	quit := func() {
		a.last = last
		a.quit()
	}
	if !a.unsaved {
		quit()
		return
	}
	a.menu = &menu{"marks, notes and steps will be lost; quit?", []choice{
		{"yq", "quit", quit},
		{"e", "export first", func() {
			if why := a.noExport(); why != "" {
				a.notify(pane.Warn, "%s", why)
				return
			}
			a.startExport()
		}},
	}}
}

func noLast(a *app) string {
	if a.opt.Last == nil {
		return "the screen can't be left in the terminal here; q quits"
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
