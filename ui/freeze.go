package ui

import (
	"detour/ui/pane"
)

func (a *app) freeze() {
	frozen := !a.frozen.Load()
	a.frozen.Store(frozen)
	if frozen {
		a.notify(pane.Dim, "the display is frozen; requests continue; f resumes it")
	}
}
