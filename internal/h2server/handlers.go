package h2server

import (
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"

	"golang.org/x/net/http2"
)

// start runs the handler of a stream in a goroutine: one that has run another, if there is one,
// whose stack has grown already.
func (c *Conn) start(s *stream) {
	select {
	case c.work <- s:
	default:
		c.workers.Go(func() { c.runHandlers(s) })
	}
}

// runHandlers runs the handlers of a stream and of others, until the connection ends or too many
// goroutines are idle.
func (c *Conn) runHandlers(s *stream) {
	for open := true; open; {
		c.runHandler(s)
		c.mu.Lock()
		if c.handlers--; c.handlers == maxStreams-1 {
			c.waiting.Broadcast()
		}
		idle := c.idle < maxIdleWorkers
		if idle {
			c.idle++
		}
		c.mu.Unlock()
		if !idle {
			return
		}
		s, open = <-c.work
		c.mu.Lock()
		c.idle--
		c.mu.Unlock()
	}
}

// runHandler runs the handler of a stream, and ends the response.
func (c *Conn) runHandler(s *stream) {
	w := newResponse(s)
	defer func() {
		if thrown := recover(); thrown != nil {
			if err, _ := thrown.(error); !errors.Is(err, http.ErrAbortHandler) && c.cfg.Log != nil {
				c.cfg.Log.Error("handler", "panic", fmt.Sprint(thrown), "stack", string(debug.Stack()))
			}
			if w.ended {
				s.over()
				return
			}
			s.abort(http2.ErrCodeInternal, errAborted)
		}
	}()
	s.handler.ServeHTTP(w, s.req)
	w.finish()
}

// abort resets a stream that is still open.
func (s *stream) abort(code http2.ErrCode, why error) {
	c := s.c
	c.mu.Lock()
	open := s.err == nil
	s.close(why)
	c.mu.Unlock()
	if open {
		c.out.control(func(fr *http2.Framer) { _ = fr.WriteRSTStream(s.id, code) })
	}
	s.release()
}

// over ends a stream after its response. A request that isn't whole is reset: nobody reads the
// rest of it.
func (s *stream) over() {
	c := s.c
	c.mu.Lock()
	unread := s.err == nil && !s.ended
	s.close(errOver)
	c.mu.Unlock()
	if unread {
		c.out.control(func(fr *http2.Framer) { _ = fr.WriteRSTStream(s.id, http2.ErrCodeNo) })
	}
	s.release()
}

// release gives back what the stream holds of the connection, and ends the connection if it is
// the last one.
func (s *stream) release() {
	c := s.c
	c.mu.Lock()
	n := s.body.discard()
	ofConn := c.received.give(n)
	last := c.draining && !c.ended && len(c.streams) == 0
	c.mu.Unlock()
	c.updateWindows(0, ofConn, 0)
	if last {
		c.closeSoon()
	}
}
