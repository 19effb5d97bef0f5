package h2client

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"

	"golang.org/x/net/http2"

	"detour/internal/h2wire"
)

// A stream is a request in progress. Its fields are guarded by the connection's mu, unless they
// aren't changed.
type stream struct {
	c      *conn
	id     uint32
	req    *http.Request
	ctx    context.Context // of req
	isHEAD bool
	body   body
	ready  chan struct{} // of length 1: something has come that the request's goroutine waits for
	up     *upload       // of the body; nil if there is none

	hasHead bool  // used by the reading goroutine only
	waking  bool  // is in conn.wakes; likewise
	sentAt  int64 // see conn.confirmed; of all that the connection writes, the end of the request's head
	written bool  // the request, without a body; used by its goroutine only
	noted   bool  // the trace knows that; likewise
	window  h2wire.SendWindow
	sent    bool  // the request is whole
	err     error // why the stream has ended; nil: it hasn't, or the response is whole

	interim     []interim      // that came, and weren't passed on
	interimSize int            // bytes of these, as SETTINGS_MAX_HEADER_LIST_SIZE counts them
	resp        *http.Response // once its head has come
	ended       bool           // by the server: the response is whole
	length      int64          // Content-Length; -1 if there is none
	got         int64          // bytes of the body
	unread      h2wire.Chunks  // at most Config.MaxUnread
	closed      bool           // nobody reads the body any more
	received    h2wire.InWindow
	trailer     http.Header // until the body is read to its end
}

// wake has the request's goroutine look at what has come.
func (s *stream) wake() {
	select {
	case s.ready <- struct{}{}:
	default:
	}
}

// wakeSoon wakes the request's goroutine once what has come is read: it is to find all of a small
// response, and this goroutine is about to wait then. Used by the reading goroutine only.
func (s *stream) wakeSoon() {
	if !s.waking {
		s.waking = true
		s.c.wakes = append(s.c.wakes, s)
	}
}

func (c *conn) wakeAll() {
	for _, s := range c.wakes {
		s.waking = false
		s.wake()
	}
	clear(c.wakes)
	c.wakes = c.wakes[:0]
}

// end ends the stream if it hasn't ended. A response that is whole can still be read. mu is held.
func (s *stream) end(err error) {
	if s.c.streams[s.id] != s {
		return
	}
	if !s.ended {
		s.err = err
	}
	s.remove()
	s.wake()
}

// remove removes the stream from those that are open. mu is held.
func (s *stream) remove() {
	c := s.c
	delete(c.streams, s.id)
	s.up.stop()
	c.noteIdle()
	c.waiting.Broadcast()
	c.out.WakeAll()
}

// reset ends a stream, and tells the server. mu isn't held.
func (c *conn) reset(err http2.StreamError) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s := c.streams[err.StreamID]; s != nil {
		c.out.Control(func(fr *http2.Framer) { _ = fr.WriteRSTStream(s.id, err.Code) })
		s.end(err)
	}
}

// cancel ends the stream because its request isn't wanted any more. mu is held.
func (s *stream) cancel(why error) {
	c := s.c
	if c.streams[s.id] != s {
		return
	}
	ping := false
	if !s.hasAnswer() && !c.unfit && !c.resetPing {
		// The connection may be dead. Until the server shows that it isn't, the stream counts
		// as one.
		ping = c.resets == 0
		c.resets++
	}
	c.out.Control(func(fr *http2.Framer) {
		_ = fr.WriteRSTStream(s.id, http2.ErrCodeCancel)
		if ping {
			_ = fr.WritePing(false, [8]byte{1})
		}
	})
	s.end(why)
}

// isWritten reports whether the system, at least, has taken a request without a body. mu is held.
func (s *stream) isWritten() bool { return s.c.out.Done() >= s.sentAt || s.hasAnswer() }

// wroteSome wakes requests that are written now. mu is held.
func (c *conn) wroteSome() {
	n := 0
	for n < len(c.unwritten) && c.unwritten[n].isWritten() {
		c.unwritten[n].wake()
		n++
	}
	c.unwritten = slices.Delete(c.unwritten, 0, n)
}

// hasAnswer reports whether something of the response has come. mu is held.
func (s *stream) hasAnswer() bool { return s.resp != nil || len(s.interim) > 0 }

// receive takes a part of the body that took length bytes of the windows. It returns how many bytes
// of that it keeps, and how many the server may send again on the stream. mu is held.
func (s *stream) receive(data []byte, length int, end bool) (kept, freed int, err error) {
	s.got += int64(len(data))
	switch {
	case s.ended, s.resp == nil, s.isHEAD && len(data) > 0:
		return 0, 0, s.malformed(errUnexpectedData)
	case !s.received.Take(length):
		return 0, 0, http2.StreamError{StreamID: s.id, Code: http2.ErrCodeFlowControl}
	case s.length >= 0 && s.got > s.length:
		data, err = data[:len(data)-int(s.got-s.length)], s.malformed(errTooLong)
	}
	if !s.closed {
		s.unread.Add(data)
		kept = len(data)
	}
	if err != nil {
		return kept, 0, err
	}
	if end {
		s.whole()
		return kept, 0, nil
	}
	s.wakeSoon()
	return kept, length - kept, nil
}

// whole notes that the response is whole. mu is held.
func (s *stream) whole() {
	s.ended = true
	if s.sent {
		s.remove()
	} else {
		s.resetIfDone()
	}
	s.wakeSoon()
}

// resetIfDone ends a stream whose response is whole, and whose request will never be. mu is held.
func (s *stream) resetIfDone() {
	if s.ended && s.up != nil && s.up.stopped && !s.sent && s.c.streams[s.id] == s {
		s.c.out.Control(func(fr *http2.Framer) { _ = fr.WriteRSTStream(s.id, http2.ErrCodeNo) })
		s.remove()
	}
}

// malformed returns the error of a malformed response (RFC 9113, 8.1.1).
func (s *stream) malformed(why error) error {
	return http2.StreamError{StreamID: s.id, Code: http2.ErrCodeProtocol, Cause: why}
}

var (
	errUnexpectedData = errors.New("DATA before the head of the response, or after its end")
	errTooLong        = errors.New("the body is longer than its Content-Length")
)

// readError returns the error after the bytes of the body that have come; nil if more may come. mu
// is held.
func (s *stream) readError() error {
	switch {
	case s.isHEAD: // the response was whole with its head (RFC 9110, 9.3.2)
		return io.EOF
	case s.err != nil || !s.ended:
		return s.err
	case s.length > s.got && s.resp.StatusCode != http.StatusNotModified:
		return io.ErrUnexpectedEOF
	}
	return io.EOF
}
