package ui

import (
	"io"
	"strings"

	"github.com/gdamore/tcell/v2"

	"detour/ui/pane"
)

// quitLeaving quits, and leaves the content of the screen in the terminal.
func (a *app) quitLeaving() { a.leaveWith(screenText(a.screen)) }

// leaveNow quits.
func (a *app) leaveNow() { a.leaveWith("") }

// leaveWith quits and leaves a text in the terminal. It asks first if anything would be
// lost.
func (a *app) leaveWith(last string) {
	quit := func() {
		a.last = last
		a.quit()
	}
	if !a.edits.unsaved {
		quit()
		return
	}
	a.prompts.menu = &menu{"marks, notes and steps will be lost; quit?", []choice{
		{"yq", "quit", quit},
		{"e", "export first", func() {
			if why := a.exports.cant(); why != "" {
				a.notify(pane.Warn, "%s", why)
				return
			}
			a.exports.open()
		}},
	}}
}

func (s *screenState) noLast() string {
	if s.opt.Last == nil {
		return "the screen can't be left in the terminal here; q quits"
	}
	return ""
}

// writeLast writes the last screen, if requested, once the terminal is restored.
func (a *app) writeLast() error {
	if a.last == "" {
		return nil
	}
	_, err := io.WriteString(a.opt.Last, a.last)
	return err
}

// screenText is the content of a screen without the status line and the keys. It is safe to
// write to a terminal: whatever is on the screen was cleaned.
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
