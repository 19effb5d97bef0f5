package ui

import (
	"detour/ui/pane"
)

// suspend gives the terminal back until the process goes on.
func (a *app) suspend() {
	var err error
	if !a.tv.Suspend(func() { err = a.act.Suspend() }) {
		return // the terminal is gone; what polls it says so
	}
	if err != nil {
		a.notify(pane.Warn, "Ctrl-Z: %v", err)
		return
	}
	a.screen.Sync() // whatever was written meanwhile goes
}

func noSuspend(a *app) string {
	if a.act.Suspend == nil {
		return "detour can't be suspended here"
	}
	return ""
}
