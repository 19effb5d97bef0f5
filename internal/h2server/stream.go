package h2server

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"sync"

	"golang.org/x/net/http/httpguts"
	"golang.org/x/net/http2"

	"detour/internal/h2wire"
)

// A stream is a request in progress. Its fields are guarded by the connection's mu, unless they
// aren't changed.
type stream struct {
	c       *Conn
	id      uint32
	req     *http.Request
	handler http.Handler
	cancel  context.CancelFunc

	err    error // why the stream has ended; nil: it hasn't
	window h2wire.SendWindow

	ended    bool  // by the client: its request is whole
	length   int64 // Content-Length; -1 if there is none
	got      int64 // bytes of the body
	body     requestBody
	received h2wire.InWindow
	trailer  http.Header // until the body is read to its end
}

// newStream returns the stream of a request, or why the request is malformed.
func (c *Conn) newStream(f *http2.MetaHeadersFrame) (*stream, error) {
	s := &stream{c: c, id: f.StreamID, handler: c.cfg.Handler, ended: f.StreamEnded(), received: h2wire.InWindow{Left: streamWindow}}
	req, err := newRequest(f)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(c.ctx)
	s.cancel = cancel
	s.length = req.ContentLength
	s.body = requestBody{s: s, change: sync.Cond{L: &c.mu}, continues: expectsContinue(req.Header)}
	if s.ended {
		s.body.err = io.EOF
	}
	req.Body = &s.body
	req.RemoteAddr = c.remote
	s.req = req.WithContext(ctx)
	if f.Truncated {
		s.handler = http.HandlerFunc(headTooLong)
	}
	return s, nil
}

// Why a stream has ended that the client hasn't ended.
var (
	errAborted = errors.New("the handler aborted the response")
	errOver    = errors.New("the handler has returned")
)

// close ends the stream, if it hasn't ended. mu is held.
func (s *stream) close(err error) {
	if s.err != nil {
		return
	}
	s.err = err
	delete(s.c.streams, s.id)
	s.c.noteIdle()
	s.cancel()
	if s.body.err == nil {
		s.body.err = err
	}
	s.body.change.Broadcast()
	s.c.waiting.Broadcast()
	s.c.out.WakeAll()
	if i := slices.Index(s.c.queued, s); i >= 0 { // it has no handler that would release it
		s.c.queued = slices.Delete(s.c.queued, i, i+1)
		s.release()
	}
}

// receive takes a part of the body that took length bytes of the windows. It returns how many
// bytes of that it keeps, and how many the client may send again on the stream. mu is held.
func (s *stream) receive(data []byte, length int, end bool) (kept, freed int, err error) {
	malformed := http2.StreamError{StreamID: s.id, Code: http2.ErrCodeProtocol}
	s.got += int64(len(data))
	switch {
	case s.ended:
		return 0, 0, http2.StreamError{StreamID: s.id, Code: http2.ErrCodeStreamClosed}
	case !s.received.Take(length):
		return 0, 0, http2.StreamError{StreamID: s.id, Code: http2.ErrCodeFlowControl}
	case s.length >= 0 && s.got > s.length:
		return 0, 0, malformed
	}
	kept = s.body.add(data)
	if end {
		err = s.end()
	}
	if s.ended || s.body.closed {
		return kept, 0, err // the client needs no more of the stream's window, or gets none
	}
	return kept, length - kept, err
}

// end notes that the request is whole. mu is held.
func (s *stream) end() error {
	if s.length >= 0 && s.got != s.length {
		return http2.StreamError{StreamID: s.id, Code: http2.ErrCodeProtocol} // RFC 9113, 8.1.1
	}
	s.ended = true
	if s.body.err == nil {
		s.body.err = io.EOF
	}
	s.body.change.Broadcast()
	return nil
}

// gotTrailer takes the trailer of a request, which ends it.
func (s *stream) gotTrailer(f *http2.MetaHeadersFrame) error {
	malformed := http2.StreamError{StreamID: s.id, Code: http2.ErrCodeProtocol}
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	if s.ended {
		return http2.StreamError{StreamID: s.id, Code: http2.ErrCodeStreamClosed}
	}
	if !f.StreamEnded() || len(f.PseudoFields()) > 0 {
		return malformed
	}
	s.trailer = make(http.Header)
	for _, field := range f.RegularFields() {
		name := http.CanonicalHeaderKey(field.Name)
		if !httpguts.ValidTrailerHeader(name) {
			return malformed
		}
		s.trailer[name] = append(s.trailer[name], field.Value)
	}
	return s.end()
}

// useTrailer gives the handler the fields of the trailer that the request has announced.
func (s *stream) useTrailer() {
	for name, values := range s.trailer {
		if _, ok := s.req.Trailer[name]; ok {
			s.req.Trailer[name] = values
		}
	}
	s.trailer = nil
}
