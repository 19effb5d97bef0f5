package ui

import (
	"github.com/gdamore/tcell/v2"

	"detour/ui/pane"
)

// key handles a key.
func (a *app) key(ev *tcell.EventKey) {
	what, busy := a.tasks.Running()
	switch {
	case ev.Key() == tcell.KeyCtrlC:
		a.quit()
	case ev.Key() == tcell.KeyCtrlL:
		a.screen.Sync()
	case a.prompts.line.open():
		a.prompts.typeKey(ev)
	case a.prompts.menu != nil:
		a.prompts.menuKey(ev)
	case a.panes.help != nil:
		a.helpKey(ev)
	case a.exports.form != nil:
		a.exports.key(ev)
	case a.columns.chooser != nil:
		a.columns.key(ev)
	case ev.Key() == tcell.KeyEscape && busy:
		a.tasks.Cancel()
		a.notify(pane.Dim, "%s was stopped", what)
	default:
		a.notices.EndOutcome()
		a.runKeyAction(ev)
	}
}

// runKeyAction runs the action of a key, or reports that there is none or that it can't be used.
func (a *app) runKeyAction(ev *tcell.EventKey) {
	for _, c := range a.keyActions {
		if c.on&a.keyContext() == 0 || !c.does(ev) {
			continue
		}
		if c.cant != nil {
			if why := c.cant(); why != "" {
				a.notify(pane.Warn, "%s: %s", c.show, why)
				return
			}
		}
		c.run()
		return
	}
	name := keyName(ev.Key())
	if ev.Key() == tcell.KeyRune {
		name = string(ev.Rune())
	}
	if name != "" {
		a.notify(pane.Dim, "%s does nothing here; ? lists the keys", name)
	}
}
