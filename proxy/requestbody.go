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
)

// keptUpload is as much of a request's body as is kept, until it is answered or
// for the flow.
const maxBodyPrefix = 64 << 10

// errUploadGone replaces the word of a server that didn't look at a request.
var errNotReplayable = errors.New("the server closed the connection without processing the request, and its body can't be sent again")

// requestBody counts the bytes read of the client's body. A short one is kept while it
// is sent: the transport sends the request again on another connection if the server
// certainly hasn't processed it (RFC 9113, 8.7), as the client would without detour.
type requestBody struct {
	io.ReadCloser
	x      *exchange
	length int64 // -1: not known
	record bool  // the flow is to have its beginning

	mu            sync.Mutex
	buf           bytes.Buffer
	off           int      // as much of kept has been passed on
	started       bool     // reading has begun
	complete      bool     // kept has all of it
	notReplayable bool     // more was read than is kept, or it was closed before its end
	ended         bool     // nothing more will be read, or nobody cares
	connClosed    bool     // the connection that it was sent on is closed
	prefetch      prefetch // what reads it before there is a connection

	unbind func() // from the connection that it is sent on

	expect *continueExpectation // nil if the client sends without being asked
}

// upload makes r's body one that is counted and, if it is short, sent again.
func (x *exchange) wrapRequestBody(r *http.Request) {
	if r.Body == nil || r.Body == http.NoBody {
		return
	}
	b := &requestBody{
		ReadCloser: r.Body, x: x, length: r.ContentLength,
		notReplayable: r.ContentLength > maxBodyPrefix, unbind: func() {},
	}
	b.prefetch.read.L = &b.mu
	if strings.EqualFold(r.Header.Get("Expect"), "100-continue") {
		b.expect = newContinueExpectation()
	}
	r.Body = b
	x.mu.Lock() // the beat reads it
	b.record = x.p.bodyLimit(&x.f) > 0
	x.body = b
	x.mu.Unlock()
	if !b.notReplayable {
		r.GetBody = b.getBody
	}
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

// took notes what was read of the client's body, and returns the error as it is to
// be told: net/http takes our own deadline for a client that left. b.mu is held.
func (b *requestBody) noteRead(p []byte, err error) error {
	b.ended = b.ended || err != nil
	if b.connClosed && err != nil && !errors.Is(err, io.EOF) {
		err = net.ErrClosed
	}
	b.buffer(p, err)
	return err
}

// keep keeps what was read, as far as it is for anything. b.mu is held.
func (b *requestBody) buffer(p []byte, err error) {
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
	b.complete = !b.notReplayable && (errors.Is(err, io.EOF) || int64(b.buf.Len()) == b.length)
}

// seen is the beginning of the body, once nothing more will be added to it; cut
// says that there is, or was to be, more. nil if there is nothing, or not yet.
func (b *requestBody) prefix() (body []byte, cut bool) {
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

// Close ends a read even if it is waiting for the client: the transport waits for the
// read to end, and net/http's own Close for HTTP/1.1 waits for the client.
func (b *requestBody) Close() error {
	b.awaitPrefetch()
	b.mu.Lock()
	b.notReplayable = b.notReplayable || !b.complete
	b.mu.Unlock()
	b.interrupt()
	return b.ReadCloser.Close()
}

// drainTime is how long a client may continue an upload after the response. A client
// that finishes in time keeps its connection and reads the response for certain.
const drainTime = 500 * time.Millisecond

// interrupt ends a read in progress. For HTTP/1.1 only a deadline does that; net/http
// then reports that the client closed, so cut records that it didn't.
func (b *requestBody) interrupt() {
	b.expect.end()
	answered, left := b.x.hasResponse(), b.x.client.Err() != nil
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ended {
		return
	}
	deadline := time.Now()
	if answered {
		deadline = deadline.Add(drainTime)
	} else if !left {
		b.connClosed = true
	}
	_ = http.NewResponseController(b.x.w).SetReadDeadline(deadline)
}

// again implements http.Request.GetBody.
func (b *requestBody) getBody() (io.ReadCloser, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case !b.started && !b.notReplayable:
		return b, nil
	case !b.complete:
		return nil, errNotReplayable
	}
	return io.NopCloser(bytes.NewReader(b.buf.Bytes())), nil
}

// bind makes a read that is waiting for the client end when the server's connection
// closes. Otherwise net/http's HTTP/1.1 transport would wait for both, and a client
// that pauses its upload would learn late that the server is gone.
func (b *requestBody) bind(c *dial.Conn) {
	b.unbind()
	b.unbind = func() {}
	if i := c.Info(); i.TLS == nil || i.TLS.ALPN != "h2" {
		b.unbind = c.OnClose(b.interrupt)
	}
}

// underWay reports whether the client has not sent all of it.
func (b *requestBody) uploading() bool {
	if b == nil {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return !b.ended
}

// wasCut reports whether the reading ended because of the server, whatever
// net/http makes of it.
func (b *requestBody) wasConnClosed() bool {
	if b == nil {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.connClosed
}

// release undoes bind. After it, the client's connection isn't touched.
func (b *requestBody) release() {
	b.stopPrefetch()
	b.mu.Lock()
	b.ended = true
	b.mu.Unlock()
	b.expect.end()
	b.unbind()
}
