package session

import (
	"sync"
	"sync/atomic"

	"detour/internal/flow"
)

// notices are the messages of a session to the user.
type notices struct {
	last    atomic.Pointer[string] // nil: none
	changed atomic.Uint64          // rises with each of them, and with the browser's state

	mu       sync.Mutex
	pending  []string // from before Run
	troubles []string
}

// Notice gives the user a message, in a sentence, which is redacted first.
func (s *Session) Notice(text string) {
	text = flow.Printable(s.intake.Text(text))
	s.cfg.Log.Info(text)
	s.notices.last.Store(&text)
	s.notices.changed.Add(1)
	if s.cfg.Notice != nil {
		s.cfg.Notice(text)
	}
}

// LastNotice is the newest notice; "" if there was none.
func (s *Session) LastNotice() string {
	if n := s.notices.last.Load(); n != nil {
		return *n
	}
	return ""
}

// beginNotices gives the notices of before Run.
func (s *Session) beginNotices() {
	for _, n := range append(s.notices.pending, s.cfg.Notices...) {
		s.Notice(n)
	}
}

// trouble adds something that went wrong.
func (n *notices) trouble(text string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.troubles = append(n.troubles, text)
}

// Troubles are what went wrong in a session that has ended, a sentence each: records or
// flows that are not written.
func (s *Session) Troubles() []string {
	s.notices.mu.Lock()
	defer s.notices.mu.Unlock()
	out := make([]string, len(s.notices.troubles))
	for i, t := range s.notices.troubles {
		out[i] = flow.Printable(s.intake.Text(t))
	}
	return out
}
