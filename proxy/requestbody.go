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

// keptUpload is how much of a request body is kept, for sending it again or for the
// flow.
const keptUpload = 64 << 10

// errUploadGone replaces the error of a server that closed the connection before it
// processed the request.
var errUploadGone = errors.New("the server closed the connection without processing the request, and its body can't be sent again")

// requestBody counts the bytes read of the client's body. A short one is kept while it
// is sent: the transport sends the request again on another connection if the server
// certainly hasn't processed it (RFC 9113, 8.7), as the client would without detour.
type requestBody struct {
	io.ReadCloser
	x      *exchange
	length int64 // -1: not known
	wanted bool  // the flow keeps its beginning

	mu    sync.Mutex
	kept  bytes.Buffer
	off   int   // how much of kept has been sent
	begun bool  // reading has begun
	whole bool  // kept has the whole body
	gone  bool  // more was read than is kept, or it was closed early
	ended bool  // nothing more will be read
	cut   bool  // the server's connection was closed
	ahead ahead // reading before there is a connection

	unbind func() // from the connection that it is sent on

	expect *expectation // nil if the client doesn't wait for 100 (Continue)
}

// upload makes r's body one that is counted and, if it is short, can be sent again.
func (x *exchange) upload(r *http.Request) {
	if r.Body == nil || r.Body == http.NoBody {
		return
	}
	b := &requestBody{
		ReadCloser: r.Body, x: x, length: r.ContentLength,
		gone: r.ContentLength > keptUpload, unbind: func() {},
	}
	b.ahead.came.L = &b.mu
	if strings.EqualFold(r.Header.Get("Expect"), "100-continue") {
		b.expect = newExpectation()
	}
	r.Body = b
	x.mu.Lock() // the beat reads it
	b.wanted = x.p.wants(&x.f) > 0
	x.body = b
	x.mu.Unlock()
	if !b.gone {
		r.GetBody = b.again
	}
}

func (b *requestBody) Read(p []byte) (int, error) {
	if !b.expect.asked() {
		return 0, net.ErrClosed
	}
	if n, err, ok := b.readAhead(p); ok {
		return n, err
	}
	n, err := b.ReadCloser.Read(p)
	b.x.sent.Add(int64(n))
	b.mu.Lock()
	defer b.mu.Unlock()
	err = b.took(p[:n], err)
	b.off = b.kept.Len()
	return n, err
}

// took records what was read of the client's body, and returns the error for the
// reader: net/http reports our own deadline as a client that closed. b.mu is held.
func (b *requestBody) took(p []byte, err error) error {
	b.ended = b.ended || err != nil
	if b.cut && err != nil && !errors.Is(err, io.EOF) {
		err = net.ErrClosed
	}
	b.keep(p, err)
	return err
}

// keep keeps what was read, as far as it is needed. b.mu is held.
func (b *requestBody) keep(p []byte, err error) {
	room := keptUpload - b.kept.Len()
	if len(p) > room {
		b.gone = true
		p = p[:room]
	}
	switch {
	case b.wanted || !b.gone:
		b.kept.Write(p)
	default:
		b.kept = bytes.Buffer{}
	}
	b.whole = !b.gone && (errors.Is(err, io.EOF) || int64(b.kept.Len()) == b.length)
}

// seen returns the beginning of the body once it is complete, or nil; truncated says
// that the body was longer.
func (b *requestBody) seen() (body []byte, truncated bool) {
	if b == nil || !b.wanted {
		return nil, false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.whole && !b.ended {
		return nil, false
	}
	return b.kept.Bytes(), !b.whole
}

// Close ends a read even if it is waiting for the client: the transport waits for the
// read to end, and net/http's own Close for HTTP/1.1 waits for the client.
func (b *requestBody) Close() error {
	b.lastLook()
	b.mu.Lock()
	b.gone = b.gone || !b.whole
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
	b.expect.settle()
	answered, left := b.x.isAnswered(), b.x.client.Err() != nil
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ended {
		return
	}
	deadline := time.Now()
	if answered {
		deadline = deadline.Add(drainTime)
	} else if !left {
		b.cut = true
	}
	_ = http.NewResponseController(b.x.w).SetReadDeadline(deadline)
}

// again implements http.Request.GetBody.
func (b *requestBody) again() (io.ReadCloser, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case !b.begun && !b.gone:
		return b, nil
	case !b.whole:
		return nil, errUploadGone
	}
	return io.NopCloser(bytes.NewReader(b.kept.Bytes())), nil
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

// underWay reports whether the client is still sending.
func (b *requestBody) underWay() bool {
	if b == nil {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return !b.ended
}

// wasCut reports whether the read ended because of the server, whatever error net/http
// reports.
func (b *requestBody) wasCut() bool {
	if b == nil {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.cut
}

// release undoes bind. After it, the client's connection isn't touched.
func (b *requestBody) release() {
	b.stopAhead()
	b.mu.Lock()
	b.ended = true
	b.mu.Unlock()
	b.expect.settle()
	b.unbind()
}
