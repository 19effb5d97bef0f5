package proxy

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"detour/internal/dial"
	"detour/internal/h2client"
)

// maxBodyPrefix limits what is stored of a body: of a request's, to send it again or
// for the flow, and of a response's for the flow.
const maxBodyPrefix = 64 << 10

// errNotReplayable is the error of a request that the server didn't process, and that
// can't be sent again.
var errNotReplayable = errors.New("the server closed the connection without processing the request, " +
	"and its body can't be sent again")

// requestBody counts the bytes read from the client's body. It stores a short one
// while it is sent: the transport resends the request on another connection if the
// server can't have processed it (RFC 9113, 8.7). Without a proxy the client would do
// that itself.
type requestBody struct {
	io.ReadCloser
	x      *exchange
	length int64 // -1: unknown
	h1     bool  // the client speaks HTTP/1.1: what follows the body is the next request
	record bool  // record its beginning in the flow

	mu            sync.Mutex
	buf           bytes.Buffer
	received      int64    // from the client
	off           int      // how much of buf has been read by the transport
	started       bool     // the transport has read from it
	complete      bool     // buf has all of it
	notReplayable bool     // it exceeds buf, or was closed before its end
	closed        bool     // the transport closed it before its end
	ended         bool     // nothing more will be read
	atEOF         bool     // it was read to its end
	leftUnread    bool     // Close left the rest to drain
	connClosed    bool     // the connection that it was sent on closed during a read
	prefetch      prefetch // reads it before there is a connection

	unbind func() // undoes bind

	expect *continueExpectation // nil without Expect: 100-continue
}

// wrapRequestBody replaces r's body by a requestBody.
func (x *exchange) wrapRequestBody(r *http.Request) {
	if r.Body == nil || r.Body == http.NoBody {
		return
	}
	b := &requestBody{
		ReadCloser: r.Body, x: x, length: r.ContentLength, h1: r.ProtoMajor == 1,
		notReplayable: r.ContentLength > maxBodyPrefix, unbind: func() {},
	}
	b.prefetch.progress.L = &b.mu
	if strings.EqualFold(r.Header.Get("Expect"), "100-continue") {
		b.expect = newContinueExpectation()
	}
	r.Body = b
	x.setBody(b)
	// net/http asks getBody after any lost HTTP/1.1 connection if the request is idempotent,
	// and else only if the server can't have processed it.
	if !b.notReplayable || !isIdempotent(r.Method, func(name string) bool { return r.Header[name] != nil }) {
		r.GetBody = b.getBody
	}
}

// setBody notes the body, which publish reads from now on.
func (x *exchange) setBody(b *requestBody) {
	x.mu.Lock()
	defer x.mu.Unlock()
	b.record = x.p.bodyLimit(&x.f) > 0
	x.body = b
}

// isIdempotent reports whether net/http would resend a request that may have been processed. has
// reports whether it has a field.
func isIdempotent(method string, has func(name string) bool) bool {
	return h2client.IsSafe(method) || method == http.MethodTrace || has("Idempotency-Key") || has("X-Idempotency-Key")
}

func (b *requestBody) Read(p []byte) (int, error) {
	if !b.expect.await() {
		return 0, net.ErrClosed
	}
	if n, err, ok := b.readPrefetched(p); ok {
		return n, err
	}
	n, err := b.ReadCloser.Read(p)
	b.x.sent.Add(int64(n))
	b.mu.Lock()
	defer b.mu.Unlock()
	err = b.noteRead(p[:n], err)
	b.off = b.buf.Len()
	return n, err
}

// noteRead notes the result of a read, and returns the error to report. net/http takes
// the read deadline that interrupt sets for a client that disconnected. b.mu is held.
func (b *requestBody) noteRead(p []byte, err error) error {
	b.ended = b.ended || err != nil
	b.received += int64(len(p))
	b.atEOF = b.atEOF || errors.Is(err, io.EOF) || b.received == b.length
	if b.connClosed && err != nil && !errors.Is(err, io.EOF) {
		err = net.ErrClosed
	}
	b.buffer(p)
	return err
}

// buffer stores what was read, if it is to be sent again or recorded. b.mu is held.
func (b *requestBody) buffer(p []byte) {
	room := maxBodyPrefix - b.buf.Len()
	if len(p) > room {
		b.notReplayable = true
		p = p[:room]
	}
	switch {
	case b.record || !b.notReplayable:
		b.buf.Write(p)
	default:
		b.buf = bytes.Buffer{}
	}
	b.complete = !b.notReplayable && b.atEOF
}

// prefix returns the beginning of the body for the flow, or nil as long as it may
// still grow. truncated reports whether the body has, or should have had, more.
func (b *requestBody) prefix() (body []byte, truncated bool) {
	if b == nil || !b.record {
		return nil, false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.complete && !b.ended {
		return nil, false
	}
	return b.buf.Bytes(), !b.complete
}

// Close interrupts a read that waits for the client, because the transport waits for
// that read to end, and for HTTP/1.1 net/http's own Close would wait for the client.
//
// What is left of an HTTP/1.1 body is left to drain: net/http's Close would fail at the
// deadline of the interrupt, and take the rest for the client's next request.
func (b *requestBody) Close() error {
	b.awaitPrefetch()
	b.mu.Lock()
	b.notReplayable, b.closed = b.notReplayable || !b.complete, !b.complete
	left := b.h1 && !b.atEOF
	b.leftUnread = left
	b.mu.Unlock()
	b.interrupt()
	if left {
		return nil
	}
	return b.ReadCloser.Close()
}

// unread reports whether something of an HTTP/1.1 body was not read. Then the client's
// connection has to end after the response (RFC 9112, 9.3).
func (b *requestBody) unread() bool {
	if b == nil || !b.h1 {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return !b.atEOF
}

// drain reads what is left of an HTTP/1.1 body, for at most drainTime, and discards it. A
// client that sends its whole request before it reads the response would otherwise see a
// closed connection, and no response. Call it after release.
func (b *requestBody) drain() {
	if !b.unread() {
		return
	}
	if c := httpConnOf(b.x.client); c != nil {
		c.lingerOnClose()
	}
	rc := http.NewResponseController(b.x.w)
	if rc.Flush() == nil && rc.SetReadDeadline(time.Now().Add(drainTime)) == nil {
		_, _ = io.Copy(io.Discard, b.ReadCloser)
	}
}

// drainTime is how long a client can continue an upload after the response. A client that
// finishes by then is sure to receive the response.
const drainTime = 500 * time.Millisecond

// interrupt ends a read in progress. For HTTP/1.1 only a deadline does that. net/http
// then reports that the client disconnected, so connClosed notes that it didn't.
func (b *requestBody) interrupt() {
	b.expect.end()
	responded, canceled := b.x.hasResponse(), b.x.client.Err() != nil
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ended {
		return
	}
	deadline := time.Now()
	if responded {
		deadline = deadline.Add(drainTime)
	} else if !canceled {
		b.connClosed = true
	}
	_ = http.NewResponseController(b.x.w).SetReadDeadline(deadline)
}

// getBody implements http.Request.GetBody.
func (b *requestBody) getBody() (io.ReadCloser, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case !b.started && !b.closed:
		return b, nil
	case !b.complete:
		return nil, errNotReplayable
	}
	return io.NopCloser(bytes.NewReader(b.buf.Bytes())), nil
}

// bind interrupts reads when the connection that the body is sent on closes. For
// HTTP/1.1 net/http's transport would wait for the read, so a client that pauses in an
// upload would learn late that its server is dead.
func (b *requestBody) bind(c *dial.Conn) {
	b.unbind()
	b.unbind = func() {}
	if i := c.Info(); i.TLS == nil || i.TLS.ALPN != "h2" {
		b.unbind = c.OnClose(b.interrupt)
	}
}

// uploading reports whether the client hasn't sent all of it.
func (b *requestBody) uploading() bool {
	if b == nil {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return !b.ended
}

// wasConnClosed reports whether a read was interrupted because of the server, even if
// net/http reports a client that disconnected.
func (b *requestBody) wasConnClosed() bool {
	if b == nil {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.connClosed
}

// release ends all use of the body. After it, interrupt no longer affects the client's
// connection.
func (b *requestBody) release() {
	b.stopPrefetch()
	b.expect.end()
	b.unbind()
}
