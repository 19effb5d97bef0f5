package proxy

import (
	"context"
	"sync"
	"sync/atomic"
)

// An ownConn is a client's connection that the proxy serves without net/http's server.
type ownConn interface {
	drain() // ends the connection after the exchanges in progress; doesn't wait
	kill()  // ends the connection and its exchanges
}

// ownConns is the set of open ownConns. The zero value is ready to use.
type ownConns struct {
	mu       sync.Mutex
	open     map[ownConn]struct{}
	draining atomic.Bool
	closed   bool
	empty    chan struct{} // closed when the last one ends; nil unless drain waits for that
}

// add reports whether the connection may be served.
func (s *ownConns) add(c ownConn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.draining.Load() {
		return false
	}
	if s.open == nil {
		s.open = make(map[ownConn]struct{})
	}
	s.open[c] = struct{}{}
	return true
}

func (s *ownConns) remove(c ownConn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, c)
	if len(s.open) == 0 && s.empty != nil {
		close(s.empty)
		s.empty = nil
	}
}

// drain ends the idle connections, and waits until the others have finished their exchanges, or
// ctx is done.
func (s *ownConns) drain(ctx context.Context) {
	s.draining.Store(true)
	s.mu.Lock()
	for c := range s.open {
		c.drain()
	}
	empty := make(chan struct{})
	if len(s.open) == 0 {
		close(empty)
	} else {
		s.empty = empty
	}
	s.mu.Unlock()
	select {
	case <-empty:
	case <-ctx.Done():
	}
}

// closeAll ends all connections, with the exchanges in progress.
func (s *ownConns) closeAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for c := range s.open {
		c.kill()
	}
}
