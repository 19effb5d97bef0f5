package h2client

import (
	"errors"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/http2"
)

// A connection is closed on which a GOAWAY came after a request chose it, and before it was sent.
func TestConn_closesIfItsLastRequestIsNotSent(t *testing.T) {
	p := newTestPool(t)
	goOn, closed := make(chan struct{}), make(chan struct{})
	addPeer(t, p, func(s *peer) {
		<-goOn
		_ = s.fr.WriteGoAway(0, http2.ErrCodeNo, nil)
		s.drain()
		close(closed)
	})
	c, _ := p.take(authority)
	close(goOn)
	poll(t, "GOAWAY", func() bool { c.mu.Lock(); defer c.mu.Unlock(); return c.unfit })
	if _, err := c.roundTrip(newRequest(t, "GET", nil), nil); !errors.Is(err, errUnusable) {
		t.Fatal(err)
	}
	select {
	case <-closed:
	case <-time.After(time.Minute):
		t.Error("it is still open")
	}
}

// PROTOCOL_ERROR doesn't say that the request wasn't processed: only a safe one is sent again, and
// only if the connection's state may be to blame.
func TestPool_sendsNoPOSTAgainAfterAProtocolError(t *testing.T) {
	for name, test := range map[string]struct {
		method string
		body   io.Reader
		first  bool // the request is the first one on its connection
		want   string
	}{
		"POST":             {"POST", nil, false, "PROTOCOL_ERROR"},
		"POST with a body": {"POST", strings.NewReader("body"), false, "PROTOCOL_ERROR"},
		"GET":              {"GET", nil, false, errNoConn.Error()},
		"the first GET":    {"GET", nil, true, "PROTOCOL_ERROR"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newTestPool(t)
			addPeer(t, p, func(s *peer) {
				if !test.first && s.request() {
					s.answer("ok")
				}
				for s.request() {
					_ = s.fr.WriteRSTStream(s.stream, http2.ErrCodeProtocol)
				}
			})
			if !test.first {
				contains(t, result(p, newRequest(t, "GET", nil)), "ok")
			}
			contains(t, result(p, newRequest(t, test.method, test.body)), test.want)
		})
	}
}

// The reason may come with the second GOAWAY only (RFC 9113, 6.8).
func TestConn_saysWhatTheLastGOAWAYSays(t *testing.T) {
	p := newTestPool(t)
	addPeer(t, p, func(s *peer) {
		s.request()
		_ = s.fr.WriteGoAway(1<<31-1, http2.ErrCodeNo, nil)
		_ = s.fr.WriteGoAway(1, http2.ErrCodeEnhanceYourCalm, []byte("too_many_pings"))
		s.fin()
		s.drain()
	})
	contains(t, result(p, newRequest(t, "GET", nil)), `ENHANCE_YOUR_CALM, last stream 1, "too_many_pings"`)
}

type trackedBody struct {
	io.Reader
	closed *atomic.Int32
}

func (b trackedBody) Close() error { b.closed.Add(1); return nil }

// Each body that a request was given is closed, whatever becomes of the request.
func TestPool_closesTheBodyThatItSendsNoMore(t *testing.T) {
	p := newTestPool(t)
	addPeer(t, p, func(s *peer) {
		for s.request() {
			_ = s.fr.WriteGoAway(0, http2.ErrCodeNo, nil)
		}
	})
	var opened, closed atomic.Int32
	opened.Add(1)
	r := newRequest(t, "POST", trackedBody{strings.NewReader("x"), &closed})
	r.GetBody = func() (io.ReadCloser, error) {
		opened.Add(1)
		return trackedBody{strings.NewReader("x"), &closed}, nil
	}
	if _, err := (&shared{p, authority}).RoundTrip(r); !errors.Is(err, errNoConn) || opened.Load() != 2 {
		t.Errorf("%v after %d bodies", err, opened.Load())
	}
	poll(t, "all are closed", func() bool { return opened.Load() == closed.Load() })
}

// A connection closes once its stream IDs are used up (RFC 9113, 5.1.1).
func TestConn_closesAfterItsLastStream(t *testing.T) {
	p := newTestPool(t)
	closed := make(chan struct{})
	addPeer(t, p, func(s *peer) {
		for s.request() {
			s.answer("ok")
		}
		close(closed)
	})
	c := p.conns[authority][0]
	c.mu.Lock()
	c.nextID = lastID - 2
	c.mu.Unlock()
	contains(t, result(p, newRequest(t, "GET", nil)), "ok")
	if _, err := p.RoundTrip(newRequest(t, "GET", nil)); !errors.Is(err, errNoConn) {
		t.Error(err)
	}
	select {
	case <-closed:
	case <-time.After(time.Minute):
		t.Error("it is still open")
	}
}
