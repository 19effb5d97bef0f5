package ui

import (
	"io"
	"strconv"
	"strings"

	"github.com/gdamore/tcell/v2"

	"detour/ui/pane"
)

// quitAtOnce quits, and leaves the content of the screen in the terminal.
func (a *app) quitAtOnce() {
	if a.opt.Last != nil {
		a.last = screenText(a.screen)
	}
	a.quit()
}

// askToQuit quits. If anything ends or is lost with detour, it says so and asks first.
func (a *app) askToQuit() {
	ends := a.endsWithDetour()
	if len(ends) == 0 {
		a.quit()
		return
	}
	m := &menu{strings.Join(ends, "; ") + "; quit?", []choice{{"yq", "quit", a.quit}, {"n", "stay", func() {}}}}
	if a.edits.unsaved {
		m.choices = append(m.choices, choice{"e", "export first", func() {
			if why := a.exports.cant(); why != "" {
				a.notify(pane.Warn, "%s", why)
				return
			}
			a.exports.open()
		}})
	}
	a.prompts.menu = m
}

// endsWithDetour says what ends or is lost when detour quits.
func (a *app) endsWithDetour() (ends []string) {
	if open := a.act.Browse.IsOpen; open != nil && open() {
		ends = append(ends, "the browser closes")
	}
	switch n := len(a.m.pending); {
	case n == 0 || a.opt.Recorded != nil:
	case n == 1:
		ends = append(ends, "a request that is under way ends")
	default:
		ends = append(ends, strconv.Itoa(n)+" requests that are under way end")
	}
	if a.edits.unsaved {
		ends = append(ends, "marks, notes and steps will be lost")
	}
	return ends
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
