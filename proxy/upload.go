package proxy

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"sync"
)

// keptUpload is as much of a request's body as is kept until it is answered.
const keptUpload = 64 << 10

// errUploadGone replaces the word of a server that didn't look at a request.
var errUploadGone = errors.New("the server gave the connection up before the request, whose body is not at hand a second time")

// requestBody counts what is read of the client's body. A short one is kept
// while it is sent: the transport sends the request again on another connection
// if it can be sure that the server didn't look at it (RFC 9113, 8.7). The
// client would have done so without us, and can't know that we have to.
type requestBody struct {
	io.ReadCloser
	x      *exchange
	length int64 // -1: not known

	mu    sync.Mutex
	kept  bytes.Buffer
	begun bool // reading has begun
	whole bool // kept has all of it
	gone  bool // more was read than is kept, or it was closed before its end
}

// upload makes r's body one that is counted and, if it is short, sent again.
func (x *exchange) upload(r *http.Request) {
	if r.Body == nil || r.Body == http.NoBody {
		return
	}
	b := &requestBody{ReadCloser: r.Body, x: x, length: r.ContentLength, gone: r.ContentLength > keptUpload}
	r.Body = b
	if !b.gone {
		r.GetBody = b.again
	}
}

func (b *requestBody) Read(p []byte) (int, error) {
	b.mu.Lock()
	b.begun = true
	b.mu.Unlock()
	n, err := b.ReadCloser.Read(p)
	b.x.sent.Add(int64(n))
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.gone:
	case b.kept.Len()+n > keptUpload:
		b.gone = true
		b.kept = bytes.Buffer{}
	default:
		b.kept.Write(p[:n])
		b.whole = err == io.EOF || int64(b.kept.Len()) == b.length
	}
	return n, err
}

// Close ends the reading, even one that waits for the client.
func (b *requestBody) Close() error {
	b.mu.Lock()
	b.gone = b.gone || !b.whole
	b.mu.Unlock()
	return b.ReadCloser.Close()
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
