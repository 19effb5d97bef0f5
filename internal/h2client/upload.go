package h2client

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync"
	"time"

	"golang.org/x/net/http/httpguts"

	"detour/internal/h2wire"
)

// An upload sends the body of a request. It has a goroutine of its own, because reading the body
// may have to wait for the client, while the server may respond.
type upload struct {
	s       *stream
	body    io.ReadCloser
	length  int64         // of the body; -1 if it isn't known
	wanted  chan struct{} // of length 1: the server has sent a 100 (Continue)
	over    chan struct{} // closed at its end
	closed  chan struct{} // closed when body is
	using   chan struct{} // of length 1; see use
	stopped bool          // nothing more is sent, and body is closed; guarded by the connection's mu
}

func newUpload(s *stream) *upload {
	return &upload{
		s: s, body: s.req.Body, length: bodyLength(s.req),
		wanted: make(chan struct{}, 1), over: make(chan struct{}), closed: make(chan struct{}),
		using: make(chan struct{}, 1),
	}
}

var (
	errStopped  = errors.New("http2: the rest of the request's body isn't sent")
	errTooMuch  = errors.New("http2: the body of the request is longer than its Content-Length")
	bodyBuffers = sync.Pool{New: func() any { return new([h2wire.MaxFrame]byte) }}
)

// run sends the body, and ends the stream if it can't. It reports the request as written once the
// connection's buffer has the end of it: a body waits before more than 32 KiB are in there, and the
// system's own buffer, which nobody sees into either, has more.
func (u *upload) run(trace *httptrace.ClientTrace) {
	defer close(u.over)
	s, c := u.s, u.s.c
	defer context.AfterFunc(s.ctx, func() { c.guard(func() { s.giveUp(s.ctx.Err()) }) })()
	var err error
	if fault := c.cfg.Guard(func() { err = u.send(trace) }); fault != nil {
		err = fault
	}
	if trace != nil && trace.WroteRequest != nil {
		_ = c.cfg.Guard(func() { u.use(func() { trace.WroteRequest(httptrace.WroteRequestInfo{Err: err}) }) })
	}
	c.mu.Lock()
	switch {
	case u.stopped || c.out.Err != nil && errors.Is(err, c.out.Err): // the reading goroutine ends the stream
	case err != nil:
		s.cancel(err)
	}
	alone := !u.stopped
	u.stopped = true
	c.mu.Unlock()
	if alone {
		u.close()
	}
	<-u.closed
}

// stop ends the upload, and closes the body. mu is held.
func (u *upload) stop() {
	if u == nil || u.stopped {
		return
	}
	u.stopped = true
	u.s.c.waiting.Broadcast()
	u.s.c.out.WakeAll()
	go u.close() // which may wait for a Read
}

// close closes the body.
func (u *upload) close() {
	defer close(u.closed)
	_ = u.s.c.cfg.Guard(func() { _ = u.body.Close() })
}

// stopUpload ends the upload of a request whose response says that the server doesn't want it.
func (s *stream) stopUpload() {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	s.up.stop()
	s.resetIfDone()
}

// wait waits for the end of an upload that was stopped, or until the request is canceled. The body
// is closed then. If the server reads nothing, the upload may still be writing what was read: wait
// sees to it that it doesn't use the request any more.
func (u *upload) wait() {
	if u == nil {
		return
	}
	<-u.closed
	t := time.NewTimer(writeTimeout)
	defer t.Stop()
	select {
	case <-u.over:
		return
	case <-u.s.ctx.Done():
		return
	case <-t.C:
	}
	select {
	case <-u.over:
	case u.using <- struct{}{}: // and never again
	case <-u.s.ctx.Done():
	}
}

// use calls a function that uses the request, and reports whether it did: not after wait.
func (u *upload) use(do func()) bool {
	select {
	case u.using <- struct{}{}:
		defer func() { <-u.using }()
		do()
		return true
	default:
		return false
	}
}

// read reads from the body.
func (u *upload) read(p []byte) (n int, err error) {
	if !u.use(func() { n, err = u.body.Read(p) }) {
		return 0, errStopped
	}
	return n, err
}

// proceed lets the upload begin.
func (u *upload) proceed() {
	if u == nil {
		return
	}
	select {
	case u.wanted <- struct{}{}:
	default:
	}
}

// send sends the body and its trailer.
func (u *upload) send(trace *httptrace.ClientTrace) error {
	if err := u.awaitContinue(trace); err != nil {
		return err
	}
	buf := bodyBuffers.Get().(*[h2wire.MaxFrame]byte)
	defer bodyBuffers.Put(buf)
	trailer := u.s.req.Trailer
	for left := u.length; ; {
		n, err := u.read(buf[:])
		if left >= 0 {
			if left -= int64(n); left < 0 {
				return errTooMuch
			}
			if left == 0 && err == nil { // the end is to be sent with the last bytes
				var more [1]byte
				var m int
				if m, err = u.read(more[:]); m > 0 {
					return errTooMuch
				}
			}
		}
		end := errors.Is(err, io.EOF)
		if err != nil && !end {
			return err
		}
		if n > 0 || end && len(trailer) == 0 {
			if err := u.write(buf[:n], end && len(trailer) == 0); err != nil {
				return err
			}
		}
		if end {
			return u.writeTrailer(trailer)
		}
	}
}

// awaitContinue waits for a 100 (Continue) if the request expects one.
func (u *upload) awaitContinue(trace *httptrace.ClientTrace) error {
	if u.s.c.cfg.ContinueTimeout == 0 || !httpguts.HeaderValuesContainsToken(u.s.req.Header["Expect"], "100-continue") {
		return nil
	}
	if trace != nil && trace.Wait100Continue != nil {
		trace.Wait100Continue()
	}
	t := time.NewTimer(u.s.c.cfg.ContinueTimeout)
	defer t.Stop()
	select {
	case <-t.C:
	case <-u.wanted:
	case <-u.closed:
		return errStopped
	}
	return nil
}

// write writes a part of the body. It waits for the server.
func (u *upload) write(p []byte, end bool) error {
	s, c := u.s, u.s.c
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		n, err := c.reserveWindow(u, len(p))
		if err != nil {
			return err
		}
		last := end && n == len(p)
		_ = c.out.Frames.WriteData(s.id, last, p[:n])
		if last {
			s.wholeRequest()
		}
		c.out.Flush()
		if p = p[n:]; len(p) == 0 {
			return nil
		}
	}
}

// reserveWindow waits until a frame of up to n bytes can be written, and takes them from the
// server's windows. The frame has to be written before mu, which is held, is released.
func (c *conn) reserveWindow(u *upload, n int) (int, error) {
	s := u.s
	for {
		switch {
		case u.stopped || c.streams[s.id] != s:
			return 0, errStopped
		case c.out.Err != nil:
			return 0, c.out.Err
		case c.out.IsFull():
			c.out.WaitForRoom()
		case n > 0 && c.windows.IsEmpty(s.window):
			c.waiting.Wait()
		default:
			return c.windows.Take(&s.window, n), nil
		}
	}
}

// writeTrailer writes the fields after a body, if there are any.
func (u *upload) writeTrailer(trailer http.Header) error {
	if len(trailer) == 0 {
		return nil
	}
	s, c := u.s, u.s.c
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, err := c.reserveWindow(u, 0); err != nil {
		return err
	}
	c.out.BeginBlock()
	for name, values := range trailer {
		c.out.EncodeField(name, values)
	}
	c.out.WriteTrailer(s.id)
	s.wholeRequest()
	c.out.Flush()
	return nil
}

// wholeRequest notes that the request is whole. mu is held.
func (s *stream) wholeRequest() {
	s.sent = true
	if s.ended {
		s.remove()
	}
}

func closeBody(r *http.Request) {
	if r.Body != nil {
		_ = r.Body.Close()
	}
}
