package h2client

import (
	"errors"
	"net/http"
	"net/http/httptrace"
	"time"

	"detour/internal/h2wire"
)

// roundTrip sends a request for which the connection has room, and waits for the head of its
// response. It closes the request's body, unless the error is errUnusable.
func (c *conn) roundTrip(r *http.Request, trace *httptrace.ClientTrace) (*http.Response, error) {
	ctx := r.Context()
	s := &stream{
		c: c, req: r, ctx: ctx, isHEAD: r.Method == http.MethodHead, ready: make(chan struct{}, 1),
		length: -1, received: h2wire.InWindow{Left: int64(c.cfg.MaxUnread)},
	}
	s.body.s = s
	if hasBody(r) {
		s.up = newUpload(s)
	}
	if err := c.send(s); err != nil {
		if !errors.Is(err, errUnusable) {
			closeBody(r) // without the lock: it may wait
		}
		return nil, err
	}
	if s.up != nil {
		go s.up.run(trace)
	}
	s.noteWritten(trace)
	resp, err := s.awaitHead(trace)
	if err != nil {
		s.up.wait()
		return nil, err
	}
	if resp.StatusCode >= http.StatusMultipleChoices {
		s.stopUpload()
	}
	return resp, nil
}

// send begins a stream and writes the head of its request. Its goroutine must not wait for the
// server: a canceled request is over at once. So it writes to the connection itself only if the
// system's buffers have room for that, whatever the server does: the server hasn't confirmed few
// bytes. Otherwise another goroutine does.
func (c *conn) send(s *stream) error {
	head, err := newHead(s.req)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reserved--
	switch {
	case err != nil:
	case s.ctx.Err() != nil:
		err = s.ctx.Err()
	case c.err != nil && c.nextID == 1:
		err = c.err
	case c.out.Err != nil && c.nextID == 1:
		err = c.out.Err
	case !c.isUsable():
		c.closeIfDone()
		return errUnusable
	default:
		err = head.check(c.maxHeader)
	}
	if err != nil {
		c.noteIdle()
		return err
	}
	s.id, s.window = c.nextID, c.windows.Open()
	if c.nextID += 2; c.nextID >= lastID {
		c.unfit = true
	}
	c.streams[s.id] = s
	s.sent = s.up == nil
	head.write(&c.out, s.id, s.sent)
	waiting, _ := c.out.Buffered()
	s.sentAt = c.out.Written() + int64(waiting)
	c.out.FlushUpTo(c.confirmed + maxAhead)
	if s.up == nil && !s.isWritten() {
		c.unwritten = append(c.unwritten, s)
	}
	s.written = s.up == nil && s.isWritten()
	return nil
}

// noteIdle notes that nothing uses the connection, if so. mu is held.
func (c *conn) noteIdle() {
	if c.isIdle() {
		c.idleSince = time.Now()
		c.closeIfDone()
	}
}

// awaitHead waits for the head of the response, and passes on interim ones.
func (s *stream) awaitHead(trace *httptrace.ClientTrace) (*http.Response, error) {
	for {
		select {
		case <-s.ready:
		case <-s.ctx.Done():
			s.drop(s.ctx.Err())
			return nil, s.ctx.Err()
		}
		s.c.mu.Lock()
		interim, resp, err := s.interim, s.resp, s.err
		s.interim, s.interimSize = nil, 0
		s.written = s.up == nil && (s.written || s.isWritten() || len(interim) > 0)
		s.c.mu.Unlock()
		s.noteWritten(trace)
		for _, i := range interim {
			if err := s.pass(i, trace); err != nil {
				s.drop(err)
				return nil, s.malformed(err)
			}
		}
		switch {
		case resp != nil:
			return resp, nil
		case err != nil:
			return nil, err
		}
	}
}

// noteWritten reports, once, that a request without a body is written.
func (s *stream) noteWritten(trace *httptrace.ClientTrace) {
	if !s.written || s.noted {
		return
	}
	s.noted = true
	if trace != nil && trace.WroteRequest != nil {
		trace.WroteRequest(httptrace.WroteRequestInfo{})
	}
}

// pass reports an interim response.
func (s *stream) pass(i interim, trace *httptrace.ClientTrace) error {
	if trace != nil && trace.Got1xxResponse != nil {
		if err := trace.Got1xxResponse(i.code, i.header); err != nil {
			return err
		}
	}
	if i.code != http.StatusContinue {
		return nil
	}
	if trace != nil && trace.Got100Continue != nil {
		trace.Got100Continue()
	}
	s.up.proceed()
	return nil
}

// giveUp cancels the request.
func (s *stream) giveUp(why error) {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	s.cancel(why)
}
