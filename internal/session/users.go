package session

import (
	"errors"
	"net"

	"detour/internal/peeruser"
)

// keepOthersOut has connections of other users refused, where the system says whose they
// are. Where no version of the system does, the manual says so.
func (s *Session) keepOthersOut() {
	guard, err := peeruser.New(s.Notice, s.faults)
	switch {
	case err == nil:
		s.guard = guard
	case !errors.Is(err, errors.ErrUnsupported):
		s.notices.pending = append(s.notices.pending,
			"other users of this machine can use the proxy: the system doesn't say whose a connection is: "+err.Error())
	}
}

// listener is what the proxy serves.
func (s *Session) listener() net.Listener {
	if s.guard == nil {
		return s.cfg.Listener
	}
	return s.guard.Listener(s.cfg.Listener)
}
