package ui

import (
	"github.com/gdamore/tcell/v2"

	"detour/ui/pane"
)

// key handles a key.
func (a *app) key(ev *tcell.EventKey) {
	switch {
	case ev.Key() == tcell.KeyCtrlC:
		a.quit()
	case ev.Key() == tcell.KeyCtrlL:
		a.screen.Sync()
	case a.prompt.open():
		a.typeKey(ev)
	case a.menu != nil:
		a.menuKey(ev)
	case a.help:
		a.helpKey(ev)
	case a.form != nil:
		a.formKey(ev)
	case a.chooser != nil:
		a.chooserKey(ev)
	case ev.Key() == tcell.KeyEscape && a.current != nil:
		what := a.current.what
		a.cancel()
		a.notify(pane.Dim, "%s was stopped", what)
	default:
		a.outcome = notice{}
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
			if why := c.cant(a); why != "" {
				a.notify(pane.Warn, "%s: %s", c.show, why)
				return
			}
		}
		c.run(a)
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

// helpKey scrolls the help, or closes it.
func (a *app) helpKey(ev *tcell.EventKey) {
	switch ev.Key() {
	case tcell.KeyDown:
		a.helping.Move(1)
	case tcell.KeyUp:
		a.helping.Move(-1)
	case tcell.KeyPgDn:
		a.helping.Move(a.helping.Height)
	case tcell.KeyPgUp:
		a.helping.Move(-a.helping.Height)
	case tcell.KeyRune:
		switch ev.Rune() {
		case 'j':
			a.helping.Move(1)
		case 'k':
			a.helping.Move(-1)
		default:
			a.help = false
		}
	default:
		a.help = false
	}
}
