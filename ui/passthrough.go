package ui

import (
	"detour/ui/pane"
	"detour/ui/table"
)

// passUnread stops or resumes decrypting the row's host.
func (a *app) passUnread() {
	host := table.Host(a.shown())
	unread, err := a.act.PassUnread(host)
	switch {
	case err != nil:
		a.notify(pane.Bad, "%s: %v", host, err)
	case unread:
		a.notify(pane.Good, "%s passes through undecrypted from its next connection on; u decrypts it again", host)
	default:
		a.notify(pane.Good, "%s is decrypted again from its next connection on", host)
	}
}

func (a *app) noPassing() string {
	if a.act.PassUnread == nil {
		return a.unavailable("nothing is decrypted here")
	}
	return a.noRow()
}
