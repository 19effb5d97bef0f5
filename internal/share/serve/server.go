package serve

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"detour/internal/share"
	"detour/internal/share/link"
)

// A Stream is what a watcher gets, event by event. [share.Watcher] is one.
type Stream interface {
	// Next waits for the next event. It returns io.EOF at the end, and the error of ctx.
	Next(ctx context.Context) (share.Event, error)
	Close()
}

// Config is what a [Server] sends. All fields are required; the functions are called
// concurrently. What they return was redacted, and is for everybody who watches.
type Config struct {
	// Run is the ID of what is shared, which makes the name of its cookie.
	Run string
	// Document returns the empty page, and its Content-Security-Policy.
	Document func() (body []byte, csp string)
	// Watch begins a stream: rows for the page, or records. after is the number of the last event
	// that the watcher has; 0: none.
	Watch func(rows bool, after uint64) Stream
	// Match begins a stream of the flows that a filter selects.
	Match func(expression string) Stream
	// Flow returns all of a flow as JSON: for the page, or as a record. Nil: there is none.
	Flow func(id uint64, rows bool) []byte
	// Complete returns as JSON what a filter's expression can be completed to at a byte.
	Complete func(expression string, at int) []byte
	// Changed is called after a change of State, or of who watches.
	Changed func()
}

// A Server lets others watch. Make one with [New], and [Server.Close] it. Its methods may be
// called concurrently.
type Server struct {
	cfg      Config
	page     page
	watchers places
	matchers places
	patience time.Duration // with a watcher that doesn't read
	parting  time.Duration // with a watcher whose stream ends

	mu     sync.Mutex
	closed bool
	socket *door // nil: there is none
	shared *sharing
}

// A sharing is a listener for those who have the link.
type sharing struct {
	door  *door
	state State
	timer *time.Timer // nil: it isn't limited
}

// State says how a run is shared.
type State struct {
	Addr   netip.AddrPort // of the listener; the zero value: it isn't shared
	Beyond bool           // others than this machine can reach it, over TLS
	Until  time.Time      // when it ends; zero: with the run
}

// New returns a Server that nobody can reach yet.
func New(cfg Config) *Server {
	return &Server{
		cfg: cfg, page: newPage(cfg.Document()), watchers: newPlaces(maxWatchers), matchers: newPlaces(maxMatchers),
		patience: writeTimeout, parting: endTimeout,
	}
}

// Options say how to share.
type Options struct {
	Addr netip.AddrPort // to listen on; zero: loopback, and any free port
	For  time.Duration  // when to end; 0: with the run
}

// ErrShared is the error of Share if the run is shared already.
var ErrShared = errors.New("the run is shared already")

// errClosed is the error of Share after Close.
var errClosed = errors.New("the run has ended")

// Share opens a listener and returns the link to it, which nothing stores: it can't be had
// again. On loopback it speaks plain HTTP, elsewhere TLS.
func (s *Server) Share(opt Options) (link.Link, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return link.Link{}, errClosed
	case s.shared != nil:
		return link.Link{}, ErrShared
	}
	if !opt.Addr.IsValid() {
		opt.Addr = netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), 0)
	}
	l, err := net.Listen("tcp", opt.Addr.String()) //nolint:noctx // it takes no time
	if err != nil {
		return link.Link{}, err
	}
	addr := l.Addr().(*net.TCPAddr).AddrPort() //nolint:forcetypeassert // a TCP listener's
	addr = netip.AddrPortFrom(addr.Addr().Unmap(), addr.Port())
	out := link.Link{Addr: addr.String()}
	x := &sharing{state: State{Addr: addr, Beyond: !addr.Addr().IsLoopback()}}
	l = limit(l, maxConns)
	if x.state.Beyond {
		cert, fingerprint, err := newCertificate(addr.Addr().AsSlice(), time.Now())
		if err != nil {
			_ = l.Close()
			return out, err
		}
		out.Fingerprint = fingerprint
		l = tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS13, NextProtos: []string{"http/1.1"}})
	}
	x.door = newDoor(s, &keys{cookieName: cookieName(s.cfg.Run), secure: x.state.Beyond})
	x.door.keys.token, out.Token = newSecret()
	x.door.keys.session, x.door.keys.cookieValue = newSecret()
	if opt.For > 0 {
		x.state.Until = time.Now().Add(opt.For)
		x.timer = time.AfterFunc(opt.For, func() { s.end(x, fmt.Sprintf("the time of sharing is over (%s)", opt.For)) })
	}
	x.door.serve(l)
	s.shared = x
	s.cfg.Changed()
	return out, nil
}

// Stop ends sharing within a second: whoever watches by the link is told why, and the link is
// no longer valid. It reports whether the run was shared. The socket stays.
func (s *Server) Stop(why string) bool {
	s.mu.Lock()
	x := s.shared
	s.mu.Unlock()
	return x != nil && s.end(x, why)
}

// end ends a sharing, unless it has ended.
func (s *Server) end(x *sharing, why string) bool {
	s.mu.Lock()
	current := s.shared == x
	if current {
		s.shared = nil
	}
	s.mu.Unlock()
	if !current {
		return false
	}
	if x.timer != nil {
		x.timer.Stop()
	}
	x.door.close(why)
	s.cfg.Changed()
	return true
}

// State returns how the run is shared now.
func (s *Server) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.shared == nil {
		return State{}
	}
	return s.shared.state
}

// Close ends everything. Streams may end by themselves first, for a moment; it tells the others
// why, and returns once nobody watches any more, after about a second at most.
func (s *Server) Close(why string) {
	s.mu.Lock()
	s.closed = true
	socket, shared := s.socket, s.shared
	s.socket = nil
	s.mu.Unlock()
	var ending sync.WaitGroup
	if socket != nil {
		ending.Go(func() {
			socket.drain()
			socket.close(why)
		})
	}
	if shared != nil {
		ending.Go(func() {
			shared.door.drain()
			s.end(shared, why)
		})
	}
	ending.Wait()
}
