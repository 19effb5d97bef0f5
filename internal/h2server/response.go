package h2server

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/http/httpguts"
)

// A response is the http.ResponseWriter of a handler. Like net/http's, it holds back up to 4 KiB
// of the body until more comes, the handler flushes or returns. It adds Date, and Content-Length
// to a body that is whole before anything was sent, but doesn't guess Content-Type.
type response struct {
	s        *stream
	header   http.Header
	status   int  // 0: none yet
	wrote    bool // the head was sent
	noBody   bool // the response has none
	ended    bool // END_STREAM was sent
	parts    *parts
	held     int      // bytes of parts.body
	written  int64    // bytes of the body
	declared int64    // Content-Length; -1 if there is none
	omitted  int      // bytes of the body that belong to a GET
	trailers []string // names
}

// The parts of a response are what it hasn't sent yet.
type parts struct {
	fields []field // the header at the time of WriteHeader, sorted
	body   [heldSize]byte
}

// A field is a header field with its values.
type field struct {
	name   string
	values []string
}

// heldSize is how much of a body a response holds back.
const heldSize = 4 << 10

var unused = sync.Pool{New: func() any { return new(parts) }}

func newResponse(s *stream) *response {
	return &response{s: s, declared: -1, header: make(http.Header, 8), parts: unused.Get().(*parts)}
}

func (w *response) Header() http.Header { return w.header }

// WriteHeader implements http.ResponseWriter. An interim response is sent at once.
func (w *response) WriteHeader(code int) {
	switch {
	case w.status != 0:
		return
	case code < 100 || code > 999:
		panic(fmt.Sprintf("invalid status code: %d", code))
	case code < 200:
		w.s.sendInterim(code, w.header)
		return
	}
	w.status, w.parts.fields = code, appendFields(w.parts.fields, w.header)
	w.noBody = w.s.req.Method == http.MethodHead || !hasBody(code)
	if n, ok := contentLength(w.header); ok {
		w.declared = n
	}
	for _, v := range w.header["Trailer"] {
		for name := range strings.SplitSeq(v, ",") {
			w.declareTrailer(strings.TrimSpace(name))
		}
	}
}

// appendFields appends the fields of a header, sorted by name.
func appendFields(to []field, h http.Header) []field {
	begin := len(to)
	for name, values := range h {
		to = append(to, field{name, values})
	}
	slices.SortFunc(to[begin:], func(a, b field) int { return strings.Compare(a.name, b.name) })
	return to
}

// hasBody reports whether responses with a status have a body (RFC 9110, 6.4.1).
func hasBody(code int) bool { return code != http.StatusNoContent && code != http.StatusNotModified }

// declareTrailer makes finish send a field after the body. The response to HEAD has none.
func (w *response) declareTrailer(name string) {
	name = http.CanonicalHeaderKey(name)
	if w.s.req.Method != http.MethodHead && httpguts.ValidTrailerHeader(name) && !slices.Contains(w.trailers, name) {
		w.trailers = append(w.trailers, name)
	}
}

func (w *response) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	if w.written += int64(len(p)); w.declared >= 0 && w.written > w.declared && hasBody(w.status) {
		return 0, http.ErrContentLength
	}
	if w.noBody {
		return w.omit(p)
	}
	if w.held+len(p) <= heldSize {
		w.hold(p)
		return len(p), nil
	}
	if err := w.flush(); err != nil {
		return 0, err
	}
	if len(p) < heldSize {
		w.hold(p)
		return len(p), nil
	}
	return w.s.send(w, p, false)
}

// omit takes the body of a response that has none. To HEAD, its length may be sent.
func (w *response) omit(p []byte) (int, error) {
	if !hasBody(w.status) {
		return 0, http.ErrBodyNotAllowed
	}
	if w.omitted += len(p); w.omitted > heldSize {
		return len(p), w.flush()
	}
	return len(p), nil
}

func (w *response) hold(p []byte) {
	w.held += copy(w.parts.body[w.held:], p)
}

// flush sends what is held.
func (w *response) flush() error {
	if w.held == 0 && w.wrote {
		return nil
	}
	p := w.parts.body[:w.held]
	w.held = 0
	_, err := w.s.send(w, p, false)
	return err
}

// FlushError sends everything that was written.
func (w *response) FlushError() error {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	return w.flush()
}

// Flush implements http.Flusher.
func (w *response) Flush() { _ = w.FlushError() }

// SetReadDeadline makes reads of the request's body fail from then on.
func (w *response) SetReadDeadline(t time.Time) error {
	w.s.body.setDeadline(t)
	return nil
}

// finish sends the rest after the handler has returned.
func (w *response) finish() {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	for name := range w.header {
		if rest, ok := strings.CutPrefix(name, http.TrailerPrefix); ok {
			w.declareTrailer(rest)
			w.header[http.CanonicalHeaderKey(rest)] = w.header[name]
		}
	}
	w.trailers = slices.DeleteFunc(w.trailers, func(name string) bool { return len(w.header[name]) == 0 })
	slices.Sort(w.trailers)
	p := w.parts.body[:w.held]
	if !w.wrote && !w.has("Content-Length") && (!w.noBody || w.omitted > 0) {
		w.parts.fields = append(w.parts.fields, field{"Content-Length", []string{strconv.Itoa(len(p) + w.omitted)}})
	}
	if !w.ended {
		_, _ = w.s.send(w, p, true)
	}
	clear(w.parts.fields)
	w.parts.fields = w.parts.fields[:0]
	unused.Put(w.parts)
	w.parts = nil
	w.s.over()
}

// has reports whether the header had a field at the time of WriteHeader, be it without a value.
func (w *response) has(name string) bool {
	return slices.ContainsFunc(w.parts.fields, func(f field) bool { return f.name == name })
}

// send sends the head, if it wasn't, and a part of the body. end ends the response, after which
// the goroutine may wait for the client: the handler has returned.
func (s *stream) send(w *response, p []byte, end bool) (n int, err error) {
	if w.noBody {
		p = nil
	}
	c := s.c
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		var chunk int
		if chunk, err = c.reserve(s, len(p), !w.wrote); err != nil {
			return n, err
		}
		s.write(w, p[:chunk], end && chunk == len(p))
		n, p = n+chunk, p[chunk:]
		if end && len(p) == 0 {
			c.out.Flush()
			return n, nil
		}
		c.out.FlushSoon()
		if len(p) == 0 {
			return n, nil
		}
	}
}

// write writes frames of a response: the head, if it wasn't written, and a part of the body. mu
// is held.
func (s *stream) write(w *response, p []byte, last bool) {
	out := &s.c.out
	closes := last && len(w.trailers) == 0
	if !w.wrote {
		w.wrote = true
		w.ended = closes && len(p) == 0 || w.noBody && len(w.trailers) == 0
		s.body.continues = false
		s.c.writeHead(s.id, w.status, w.parts.fields, !w.has("Date"), w.ended)
	}
	if !w.ended && (len(p) > 0 || closes) {
		_ = out.Frames.WriteData(s.id, closes, p)
		w.ended = closes
	}
	if last && !w.ended {
		s.c.writeTrailer(s.id, w.trailers, w.header)
		w.ended = true
	}
	if w.ended {
		s.responded()
	}
}

// responded notes that the response is written. If the request is whole, the stream is over as
// soon as the client receives it, though the handler may go on. mu is held.
func (s *stream) responded() {
	if s.ended {
		delete(s.c.streams, s.id)
		s.c.noteIdle()
	}
}

// sendInterim sends an interim response.
func (s *stream) sendInterim(code int, h http.Header) {
	fields := appendFields(nil, h)
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	if _, err := s.c.reserve(s, 0, true); err == nil {
		s.c.writeHead(s.id, code, fields, false, false)
		s.c.out.FlushSoon()
	}
}
