package proxy

import (
	"sync"

	"detour/internal/dial"
)

// serverConns is the set of open connections to servers, which closeAll closes: those that
// carry an exchange, or are on their way to one, are in no pool. The zero value is ready to use.
type serverConns struct {
	mu      sync.Mutex
	open    map[*dial.Conn]struct{}
	stopped bool
}

// add adds a connection, or closes it after closeAll.
func (s *serverConns) add(c *dial.Conn) {
	s.mu.Lock()
	stopped := s.stopped
	if !stopped {
		if s.open == nil {
			s.open = make(map[*dial.Conn]struct{})
		}
		s.open[c] = struct{}{}
	}
	s.mu.Unlock()
	if stopped || c.Closed() {
		s.remove(c)
		_ = c.Close()
	}
}

func (s *serverConns) remove(c *dial.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, c)
}

// closeAll closes all connections, and those to come.
func (s *serverConns) closeAll() {
	s.mu.Lock()
	s.stopped = true
	all := s.open
	s.open = nil
	s.mu.Unlock()
	for c := range all {
		_ = c.Close()
	}
}
