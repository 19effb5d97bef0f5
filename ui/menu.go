package ui

import (
	"strings"

	"github.com/gdamore/tcell/v2"

	"detour/ui/pane"
)

// A menu asks for one more key.
type menu struct {
	title   string
	choices []choice
}

// A choice is what a key selects in a menu.
type choice struct {
	runes string // any of them; the first is shown
	name  string
	run   func()
}

// menuKey takes the key that a menu asks for. Any other key closes the menu.
func (ps *prompter) menuKey(ev *tcell.EventKey) {
	m := ps.menu
	ps.menu = nil
	if ev.Key() != tcell.KeyRune {
		return
	}
	for _, c := range m.choices {
		if strings.ContainsRune(c.runes, ev.Rune()) {
			c.run()
			return
		}
	}
	ps.notices.Report(pane.Dim, "%c isn't one of the choices", ev.Rune())
}
