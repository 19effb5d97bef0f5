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
const keptUpload = 64 << 10

// errUploadGone replaces the word of a server that didn't look at a request.
var errUploadGone = errors.New("the server closed the connection without processing the request, and its body can't be sent again")

// requestBody counts what is read of the client's body. A short one is kept
// while it is sent: the transport sends the request again on another connection
// if it can be sure that the server didn't look at it (RFC 9113, 8.7). The
// client would have done so without us, and can't know that we have to.
type requestBody struct {
	io.ReadCloser
	x      *exchange
	length int64 // -1: not known
	wanted bool  // the flow is to have its beginning

	mu    sync.Mutex
	kept  bytes.Buffer
	off   int   // as much of kept has been passed on
	begun bool  // reading has begun
	whole bool  // kept has all of it
	gone  bool  // more was read than is kept, or it was closed before its end
	ended bool  // nothing more will be read, or nobody cares
	cut   bool  // the connection that it was sent on is closed
	ahead ahead // what reads it before there is a connection

	unbind func() // from the connection that it is sent on

	expect *expectation // nil if the client sends without being asked
}

// upload makes r's body one that is counted and, if it is short, sent again.
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

// took notes what was read of the client's body, and returns the error as it is to
// be told: net/http takes our own deadline for a client that left. b.mu is held.
func (b *requestBody) took(p []byte, err error) error {
	b.ended = b.ended || err != nil
	if b.cut && err != nil && !errors.Is(err, io.EOF) {
		err = net.ErrClosed
	}
	b.keep(p, err)
	return err
}

// keep keeps what was read, as far as it is for anything. b.mu is held.
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

// seen is the beginning of the body, once nothing more will be added to it; cut
// says that there is, or was to be, more. nil if there is nothing, or not yet.
func (b *requestBody) seen() (body []byte, cut bool) {
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

// Close ends the reading, even one that waits for the client: the transport
// waits for its end, and net/http's Close for HTTP/1.1 would wait for the client.
func (b *requestBody) Close() error {
	b.lastLook()
	b.mu.Lock()
	b.gone = b.gone || !b.whole
	b.mu.Unlock()
	b.interrupt()
	return b.ReadCloser.Close()
}

// drainTime is how long a client may go on with an upload that was answered. Who
// is done by then keeps its connection, and surely gets to read the answer.
const drainTime = 500 * time.Millisecond

// interrupt ends a reading under way. A deadline is all that does so for HTTP/1.1;
// net/http then says that the client left, so we note that it hasn't.
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

// bind makes a reading that waits for the client end with the connection that the
// body is sent on: net/http's transport would wait for both, and a client that
// pauses would hear of its dead server late. Over HTTP/2 it doesn't.
func (b *requestBody) bind(c *dial.Conn) {
	b.unbind()
	b.unbind = func() {}
	if i := c.Info(); i.TLS == nil || i.TLS.ALPN != "h2" {
		b.unbind = c.OnClose(b.interrupt)
	}
}

// underWay reports whether the client has not sent all of it.
func (b *requestBody) underWay() bool {
	if b == nil {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return !b.ended
}

// wasCut reports whether the reading ended because of the server, whatever
// net/http makes of it.
func (b *requestBody) wasCut() bool {
	if b == nil {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.cut
}

// release is bind's end; after it the client's connection is left alone.
func (b *requestBody) release() {
	b.stopAhead()
	b.mu.Lock()
	b.ended = true
	b.mu.Unlock()
	b.expect.settle()
	b.unbind()
}
