package h2client

import (
	"errors"
	"math/rand/v2"
	"net/http"
	"net/http/httptrace"
	"slices"
	"sync"
	"time"

	"golang.org/x/net/http/httpguts"
)

// A Pool has the connections to servers, by authority. Use [NewPool].
type Pool struct {
	cfg  Config
	dial http.RoundTripper

	mu     sync.Mutex
	conns  map[string][]*conn
	closed bool
}

// NewPool returns an empty Pool. dial is for requests for which it has no connection: it makes one,
// gives it to [Pool.Add] if the server speaks HTTP/2, and sends the request.
func NewPool(cfg Config, dial http.RoundTripper) *Pool {
	return &Pool{cfg: cfg, dial: dial, conns: make(map[string][]*conn)}
}

// RoundTrip implements http.RoundTripper.
func (p *Pool) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme != "https" || r.Header["Upgrade"] != nil {
		return p.dial.RoundTrip(r)
	}
	resp, r, err := p.send(r, authorityOf(r))
	if errors.Is(err, errNoConn) {
		return p.dial.RoundTrip(r)
	}
	return resp, err
}

// authorityOf returns the host and port that a request is sent to, as net/http does.
func authorityOf(r *http.Request) string {
	host := r.URL.Host
	if ascii, err := httpguts.PunycodeHostPort(host); err == nil {
		host = ascii
	}
	if r.URL.Port() == "" {
		host += ":443"
	}
	return host
}

// Add adds a connection to an authority, unless there is one that can take a request. It returns
// what sends requests to the authority on the connections of the Pool, as http.Transport's
// TLSNextProto wants it.
func (p *Pool) Add(authority string, t Transport) http.RoundTripper {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.conns[authority] {
		if c.hasRoom() {
			go func() { _ = p.cfg.Guard(func() { _ = t.Close() }) }()
			return &shared{p, authority}
		}
	}
	c := newConn(&p.cfg, t, func(c *conn) { p.ended(authority, c) })
	c.last = p.closed
	p.conns[authority] = append(p.conns[authority], c)
	return &shared{p, authority}
}

// unusedTime is how long a connection that ended before its first request is kept for one, which
// then learns why.
const unusedTime = 5 * time.Second

// ended removes a connection that takes no request any more.
func (p *Pool) ended(authority string, c *conn) {
	if c.wasUsed() {
		p.remove(authority, c)
	} else {
		time.AfterFunc(unusedTime, func() { _ = p.cfg.Guard(func() { p.remove(authority, c) }) })
	}
}

func (p *Pool) remove(authority string, c *conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	left := slices.DeleteFunc(p.conns[authority], func(other *conn) bool { return other == c })
	if p.conns[authority] = left; len(left) == 0 {
		delete(p.conns, authority)
	}
}

// Close closes the connections that are idle. The others, and those to come, are closed when they
// become so, and take no more requests than those that they were made for.
func (p *Pool) Close() {
	p.mu.Lock()
	p.closed = true
	all := p.conns
	p.conns = make(map[string][]*conn)
	p.mu.Unlock()
	for _, conns := range all {
		for _, c := range conns {
			c.mu.Lock()
			c.retire()
			c.mu.Unlock()
		}
	}
}

// take returns a connection that has room for a request to an authority, and whether it has carried
// another one; nil if there is none.
func (p *Pool) take(authority string) (c *conn, reused bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.conns[authority] {
		if ok, reused := c.reserve(); ok {
			return c, reused
		}
	}
	return nil, false
}

// A noConn is the error if no connection to the authority has room for the request.
type noConn struct{}

func (noConn) Error() string { return "http2: no connection has room for the request" }

// IsHTTP2NoCachedConnError has http.Transport make another connection.
func (noConn) IsHTTP2NoCachedConnError() {}

var errNoConn error = noConn{}

// maxRetries is how often a request is sent again that the server hasn't processed.
const maxRetries = 7

// send sends a request on a connection of the Pool, and again if the server hasn't processed it. It
// returns the request with its body as it is to be sent next.
func (p *Pool) send(r *http.Request, authority string) (*http.Response, *http.Request, error) {
	trace := httptrace.ContextClientTrace(r.Context())
	for retry := 0; ; retry++ {
		c, reused := p.take(authority)
		if c == nil {
			return nil, r, errNoConn
		}
		if trace != nil && trace.GotConn != nil {
			trace.GotConn(httptrace.GotConnInfo{Conn: c.conn, Reused: reused})
		}
		resp, err := c.roundTrip(r, trace)
		if err == nil || retry >= maxRetries || !maySendAgain(r, err, reused) {
			if errors.Is(err, errUnusable) {
				closeBody(r)
			}
			return resp, r, err
		}
		if r, err = again(r, err); err != nil {
			return nil, r, err
		}
		if err := pause(r, retry); err != nil {
			closeBody(r)
			return nil, r, err
		}
	}
}

// again returns a request to be sent again after an error.
func again(r *http.Request, why error) (*http.Request, error) {
	if errors.Is(why, errUnusable) || !hasBody(r) {
		return r, nil
	}
	if r.GetBody == nil {
		return r, why
	}
	body, err := r.GetBody()
	if err != nil {
		return r, err
	}
	next := *r
	next.Body = body
	return &next, nil
}

// pause waits before a request is sent again, for longer each time; not at first.
func pause(r *http.Request, retry int) error {
	if retry == 0 {
		return nil
	}
	wait := time.Second << (retry - 1)
	t := time.NewTimer(wait + rand.N(wait/10))
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-r.Context().Done():
		return r.Context().Err()
	}
}

// A shared sends requests to an authority on the connections of a Pool.
type shared struct {
	p         *Pool
	authority string
}

func (s *shared) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, next, err := s.p.send(r, s.authority)
	if next != r && errors.Is(err, errNoConn) {
		closeBody(next) // http.Transport makes another
	}
	return resp, err
}
