package ui

import (
	"errors"

	"detour/internal/flow"
	"detour/ui/pane"
)

// A hostFollower keeps the selected row at the one that the host of a watched run looks at.
type hostFollower struct {
	state *screenState
	views *viewSet
	on    bool
	at    flow.ID // where it has followed the host to
	told  flow.ID // the selected flow that Actions.Selected knows of
}

// toggle follows the host, or stops that.
func (h *hostFollower) toggle(string) error {
	if h.state.opt.HostCursor == nil {
		return errors.New("this table watches no other run; detour attach does")
	}
	if h.on, h.at = !h.on, 0; !h.on {
		h.state.notify(pane.Dim, "no longer following the host")
		return nil
	}
	h.state.notify(pane.Good, "following the host: what is selected there is selected here; :follow-host stops it")
	h.follow()
	return nil
}

// follow selects the host's flow if that is another one than before, once it is here.
func (h *hostFollower) follow() {
	if !h.on {
		return
	}
	if id := h.state.opt.HostCursor(); id != h.at && h.state.m.flow(id) != nil {
		h.at = id
		h.views.reveal(id)
	}
}

// text says that the host is followed; "" if it isn't.
func (h *hostFollower) text() string {
	if h.on {
		return "following the host"
	}
	return ""
}

// tell tells which flow is selected, if that has changed.
func (h *hostFollower) tell() {
	if h.state.act.Selected == nil {
		return
	}
	var id flow.ID
	if f := h.state.shown(); f != nil {
		id = f.ID
	}
	if id != h.told {
		h.told = id
		h.state.act.Selected(id)
	}
}
