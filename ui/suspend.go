package ui

import (
	"detour/ui/pane"
)

// suspend gives the terminal back until the process continues.
func (a *app) suspend() {
	var err error
	if !a.tv.Suspend(func() { err = a.act.Suspend() }) {
		return // the terminal is gone, which PollEvent reports
	}
	if err != nil {
		a.notify(pane.Warn, "Ctrl-Z: %v", err)
		return
	}
	a.screen.Sync() // redraw over what was written in the meantime
}

func (s *screenState) noSuspend() string {
	if s.act.Suspend == nil {
		return "detour can't be suspended here"
	}
	return ""
}
