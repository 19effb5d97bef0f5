package h2server

import (
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"slices"

	"golang.org/x/net/http2"
)

// start runs the handler of a stream in a goroutine: one that has run another, if there is one,
// whose stack has grown already.
func (c *Conn) start(s *stream) {
	select {
	case c.work <- s:
	default:
		c.workers.Go(c.guarded(func() { c.runHandlers(s) }))
	}
}

// runHandlers runs the handlers of a stream and of others, until the connection ends or too many
// goroutines are idle.
func (c *Conn) runHandlers(s *stream) {
	for s != nil {
		c.runHandler(s)
		s = c.nextStream()
	}
}

// nextStream returns a stream whose handler is to run, or nil if the goroutine isn't needed.
func (c *Conn) nextStream() *stream {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.queued) > 0 {
		s := c.queued[0]
		c.queued = slices.Delete(c.queued, 0, 1)
		return s
	}
	c.handlers--
	if c.idle >= maxIdleWorkers {
		return nil
	}
	c.idle++
	c.mu.Unlock()
	s := <-c.work
	c.mu.Lock()
	c.idle--
	return s
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
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	if s.err == nil {
		s.c.sendReset(s.id, code)
	}
	s.close(why)
	s.release()
}

// over ends a stream after its response. A request that isn't whole is reset: nobody reads the
// rest of it.
func (s *stream) over() {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	if s.err == nil && !s.ended {
		s.c.sendReset(s.id, http2.ErrCodeNo)
	}
	s.close(errOver)
	s.release()
}

// release gives back what the stream holds of the connection's window. mu is held.
func (s *stream) release() {
	s.c.updateWindows(0, s.c.received.Give(s.body.discard()), 0)
}
