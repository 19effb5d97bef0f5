package proxy

import (
	"context"
	"slices"
	"sync"
	"time"
)

// A serverPool has the connections to servers of the exchanges that the proxy carries itself,
// by authority. Like net/http's pool, it dials for each request without a connection, and
// gives the request whatever becomes available first.
type serverPool struct {
	p *Proxy

	mu     sync.Mutex
	hosts  map[string]*pooledHost
	idle   int // connections in all
	sweep  *time.Timer
	armed  bool // sweep will run
	closed bool
	round  int // how often closeIdle was called; connections of an earlier one aren't reused
}

// A pooledHost is what the pool has of one authority.
type pooledHost struct {
	idle    []*serverConn // the last one was used last
	waiting []*connWish   // in order; some may be over
	http2   time.Time     // when the server required HTTP/2; zero: never
}

// A connWish is an exchange's wish for a connection.
type connWish struct {
	granted chan grant // of length 1
	over    bool       // granted, or given up; under serverPool.mu
}

func isOver(w *connWish) bool { return w.over }

type grant struct {
	conn *serverConn
	err  error
}

const (
	// sweepInterval is how often idle connections are checked for their end, which the server
	// may have sent.
	sweepInterval = 250 * time.Millisecond
	// forgetHTTP2 is after how long a server that required HTTP/2 is offered HTTP/1.1 again.
	forgetHTTP2 = 10 * time.Minute
	maxHosts    = 4096 // authorities that the pool remembers
)

// get returns a connection for the exchange: one that is idle, or else the first that becomes
// so or is made.
func (s *serverPool) get(x *exchange, authority string) (*serverConn, error) {
	for {
		s.mu.Lock()
		h := s.host(authority)
		n := len(h.idle)
		if n == 0 {
			w := &connWish{granted: make(chan grant, 1)}
			h.waiting = append(slices.DeleteFunc(h.waiting, isOver), w)
			s.mu.Unlock()
			return s.await(x, authority, w)
		}
		c := h.idle[n-1]
		h.idle[n-1] = nil
		h.idle = h.idle[:n-1]
		s.idle--
		s.mu.Unlock()
		if c.isUsable() {
			return c, nil
		}
		_ = c.Close()
	}
}

// await dials for the exchange and waits until its wish is granted.
func (s *serverPool) await(x *exchange, authority string, w *connWish) (*serverConn, error) {
	go s.dial(x, authority, w)
	select {
	case g := <-w.granted:
		return g.conn, g.err
	case <-x.client.Done():
	}
	s.mu.Lock()
	w.over = true
	s.mu.Unlock()
	select {
	case g := <-w.granted: // both at once
		if g.conn != nil {
			s.put(authority, g.conn)
		}
	default:
	}
	return nil, x.client.Err()
}

// dial makes a connection for a wish. If that is over by then, it is for the next one, or idle.
func (s *serverPool) dial(x *exchange, authority string, w *connWish) {
	ctx := context.WithValue(context.Background(), exchangeKey{}, x)
	round := s.currentRound()
	c, err := s.p.dialTLS(ctx, authority, "http/1.1")
	if err == nil {
		s.deliver(authority, newServerConn(c, round), w)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if requiresHTTP2(err) {
		s.host(authority).http2 = time.Now()
	}
	if !w.over {
		w.over = true
		w.granted <- grant{err: err}
	}
}

func (s *serverPool) currentRound() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.round
}

// put takes back a connection that can carry another request. It closes one that isn't usable
// if an exchange waits for it: get checks only those that are idle.
func (s *serverPool) put(authority string, c *serverConn) {
	c.idleSince = time.Now()
	if s.isAwaited(authority) && !c.isUsable() {
		_ = c.Close()
		return
	}
	s.deliver(authority, c, nil)
}

// isAwaited reports whether an exchange waits for a connection.
func (s *serverPool) isAwaited(authority string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.hosts[authority]
	return h != nil && len(h.waiting) > 0
}

// deliver gives a connection to the wish that it was made for, or to the first that waits, or
// else keeps it idle. It closes one that isn't reused.
func (s *serverPool) deliver(authority string, c *serverConn, w *connWish) {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.host(authority)
	for w == nil || w.over {
		if c.round != s.round {
			_ = c.Close()
			return
		}
		if len(h.waiting) == 0 {
			s.keepIdle(h, c)
			return
		}
		w, h.waiting = h.waiting[0], h.waiting[1:]
	}
	w.over = true
	w.granted <- grant{conn: c}
}

// keepIdle adds an idle connection, or closes it if there are too many. mu is held.
func (s *serverPool) keepIdle(h *pooledHost, c *serverConn) {
	if s.closed || s.idle >= maxIdle || len(h.idle) >= maxIdlePerHost {
		_ = c.Close()
		return
	}
	h.idle = append(h.idle, c)
	s.idle++
	if !s.armed {
		s.armed = true
		if s.sweep == nil {
			s.sweep = time.AfterFunc(sweepInterval, s.sweepIdle)
		} else {
			s.sweep.Reset(sweepInterval)
		}
	}
}

// host returns the entry of an authority. mu is held.
func (s *serverPool) host(authority string) *pooledHost {
	h := s.hosts[authority]
	if h == nil {
		if s.hosts == nil {
			s.hosts = make(map[string]*pooledHost)
		}
		if len(s.hosts) >= maxHosts {
			s.forgetHosts()
		}
		h = &pooledHost{}
		s.hosts[authority] = h
	}
	return h
}

// forgetHosts removes the entries that hold no connection and no wish. mu is held.
func (s *serverPool) forgetHosts() {
	for authority, h := range s.hosts {
		if len(h.idle) == 0 && !slices.ContainsFunc(h.waiting, func(w *connWish) bool { return !w.over }) {
			delete(s.hosts, authority)
		}
	}
}

// requiresHTTP2 reports whether a server doesn't speak HTTP/1.1.
func (s *serverPool) requiresHTTP2(authority string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.hosts[authority]
	return h != nil && !h.http2.IsZero() && time.Since(h.http2) < forgetHTTP2
}

// sweepIdle closes the idle connections that were idle for too long, or that the server has
// closed.
func (s *serverPool) sweepIdle() {
	now := time.Now()
	suspects := s.takeIdle(func(c *serverConn) bool {
		pending, known := c.dialed.Pending()
		return pending || !known || now.Sub(c.idleSince) >= idleTimeout
	})
	for authority, cs := range suspects {
		for _, c := range cs {
			if now.Sub(c.idleSince) < idleTimeout && c.isSilent(time.Now().Add(settleSession)) {
				s.deliver(authority, c, nil)
			} else {
				_ = c.Close()
			}
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.armed = s.idle > 0 && !s.closed; s.armed {
		s.sweep.Reset(sweepInterval)
	}
}

// takeIdle removes the idle connections for which take is true, and returns them.
func (s *serverPool) takeIdle(take func(*serverConn) bool) map[string][]*serverConn {
	s.mu.Lock()
	defer s.mu.Unlock()
	taken := make(map[string][]*serverConn)
	for authority, h := range s.hosts {
		kept := h.idle[:0]
		for _, c := range h.idle {
			if take(c) {
				taken[authority] = append(taken[authority], c)
				s.idle--
			} else {
				kept = append(kept, c)
			}
		}
		clear(h.idle[len(kept):])
		h.idle = kept
	}
	return taken
}

// closeIdle closes the idle connections. Those in use, and those that are being made, are closed
// after their exchange.
func (s *serverPool) closeIdle() {
	s.mu.Lock()
	s.round++
	s.mu.Unlock()
	for _, cs := range s.takeIdle(func(*serverConn) bool { return true }) {
		for _, c := range cs {
			_ = c.Close()
		}
	}
}

// close closes the idle connections, and those that would become so.
func (s *serverPool) close() {
	s.mu.Lock()
	s.closed = true
	if s.sweep != nil {
		s.sweep.Stop()
	}
	s.mu.Unlock()
	s.closeIdle()
}
