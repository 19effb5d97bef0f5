package proxy

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// A streamWriter forwards a response as it arrives: it flushes what the server has
// sent before it waits for more, whatever the content type.
type streamWriter struct {
	w        http.ResponseWriter
	x        *exchange
	length   int64 // Content-Length; -1 if there is none
	written  int64
	noBody   bool
	hijacked net.Conn
}

func (s *streamWriter) Header() http.Header { return s.w.Header() }

func (s *streamWriter) WriteHeader(code int) {
	s.length = -1
	if n, err := strconv.ParseInt(s.w.Header().Get("Content-Length"), 10, 64); err == nil {
		s.length = n
	} else if s.x.headOnly.ended {
		s.length = 0
	}
	s.noBody = code == http.StatusNoContent || code == http.StatusNotModified || s.x.f.Request.Method == http.MethodHead
	if code >= http.StatusOK && s.x.body.unread() {
		s.w.Header().Set("Connection", "close")
	}
	s.useServersReason(code)
	s.w.WriteHeader(code)
	if s.length < 0 && !s.noBody && code >= http.StatusOK {
		s.Flush() // a stream may send nothing for long after its head
	}
}

// useServersReason passes the server's reason phrase on to an HTTP/1.1 client.
func (s *streamWriter) useServersReason(code int) {
	resp := s.x.response
	if resp == nil || resp.StatusCode != code {
		return
	}
	if phrase, ok := reasonPhrase(resp); ok {
		if c := httpConnOf(s.x.client); c != nil {
			c.useReason(code, phrase)
		}
	}
}

func (s *streamWriter) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	s.written += int64(n)
	if err != nil {
		s.x.clientWriteFailed(err)
	}
	return n, err
}

func (s *streamWriter) Flush() { _ = http.NewResponseController(s.w).Flush() }

// copySize is the payload of a TLS record; a read seldom returns more. Most responses
// of APIs fit into smallSize.
const (
	copySize  = 16 << 10
	smallSize = 4 << 10
)

var (
	copyBuffers  = sync.Pool{New: func() any { return new([copySize]byte) }}
	smallBuffers = sync.Pool{New: func() any { return new([smallSize]byte) }}
)

// flushDelay is how long the head of a response with a known length waits for the body,
// and the last byte for EOF, to be sent in one write. Usually they arrive together.
const flushDelay = time.Millisecond

// flushSoon flushes after flushDelay, unless stop, which may be nil, is called first.
// After stop has returned, it no longer uses the writer.
func (s *streamWriter) flushSoon() (stop func()) {
	if s.length <= 0 || s.noBody {
		return nil
	}
	var mu sync.Mutex
	over := false
	t := time.AfterFunc(flushDelay, func() {
		mu.Lock()
		defer mu.Unlock()
		if !over {
			s.Flush()
		}
	})
	return func() {
		if t.Stop() {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		over = true
	}
}

// ReadFrom copies r, and flushes whenever r has no more bytes available.
func (s *streamWriter) ReadFrom(r io.Reader) (total int64, err error) {
	var buf []byte
	if s.length >= 0 && s.length <= smallSize {
		b := smallBuffers.Get().(*[smallSize]byte)
		defer smallBuffers.Put(b)
		buf = b[:]
	} else {
		b := copyBuffers.Get().(*[copySize]byte)
		defer copyBuffers.Put(b)
		buf = b[:]
	}
	var stop func()
	if b, ok := r.(*responseBody); !ok || !b.isWhole() {
		stop = s.flushSoon()
	}
	for {
		n, rerr := r.Read(buf)
		if stop != nil {
			stop()
			stop = nil
		}
		if n > 0 {
			m, werr := s.Write(buf[:n])
			total += int64(m)
			if werr != nil {
				return total, werr
			}
			switch {
			case rerr != nil || s.noBody:
			case s.written == s.length: // over HTTP/2, EOF may come after the last byte
				stop = s.flushSoon()
			case n < len(buf):
				s.Flush()
			}
		}
		if rerr == io.EOF {
			if s.x.body.uploading() && (!s.x.headOnly.ended || !s.x.headOnly.h2) {
				s.Flush() // the handler may not return for a while
			}
			return total, nil
		}
		if rerr != nil {
			return total, rerr
		}
	}
}

// Hijack passes the client's connection to goproxy, for a WebSocket.
func (s *streamWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c, rw, err := http.NewResponseController(s.w).Hijack()
	s.hijacked = c
	return c, rw, err
}

// close closes a hijacked connection, which goproxy leaves open.
func (s *streamWriter) close() {
	if s.hijacked != nil {
		_ = s.hijacked.Close()
	}
}
