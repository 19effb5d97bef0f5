package proxy

import (
	"io"
	"net/http"
)

// requestBody counts what is read of the client's body.
type requestBody struct {
	io.ReadCloser
	x *exchange
}

func (b *requestBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.x.sent.Add(int64(n))
	return n, err
}

// responseBody counts what is read of the server's body, and remembers how it
// broke off.
type responseBody struct {
	io.ReadCloser
	x *exchange
}

func (b *responseBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.x.received.Add(int64(n))
	if err != nil && err != io.EOF {
		b.x.broken(err)
	}
	return n, err
}

// upgradedBody is the byte stream that follows 101 Switching Protocols. goproxy
// writes the client's bytes to it.
type upgradedBody struct {
	responseBody
	w io.Writer
}

func (b *upgradedBody) Write(p []byte) (int, error) {
	n, err := b.w.Write(p)
	b.x.sent.Add(int64(n))
	return n, err
}

// responseBody wraps the body of a response in what it needs.
func (x *exchange) responseBody(body io.ReadCloser) io.ReadCloser {
	if body == http.NoBody {
		return body
	}
	if w, ok := body.(io.Writer); ok {
		return &upgradedBody{responseBody{body, x}, w}
	}
	return &responseBody{body, x}
}
