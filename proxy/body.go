package proxy

import (
	"io"
	"net/http"
	"strings"

	"detour/internal/flow"
)

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

func (b *upgradedBody) Read(p []byte) (int, error) {
	n, err := b.responseBody.Read(p)
	b.x.said(flow.SideServer, p[:n])
	return n, err
}

func (b *upgradedBody) Write(p []byte) (int, error) {
	b.x.said(flow.SideClient, p) // before the answer to it can come
	n, err := b.w.Write(p)
	b.x.sent.Add(int64(n))
	return n, err
}

// said passes the bytes of a WebSocket on to be counted.
func (x *exchange) said(side flow.Side, p []byte) {
	if x.talk != nil {
		x.talk.feed(side, p)
	}
}

// responseBody wraps the body of a response in what it needs.
func (x *exchange) responseBody(resp *http.Response) io.ReadCloser {
	if resp.Body == http.NoBody {
		return resp.Body
	}
	w, ok := resp.Body.(io.Writer)
	if !ok {
		return &responseBody{resp.Body, x}
	}
	if strings.EqualFold(resp.Header.Get("Upgrade"), "websocket") {
		x.mu.Lock() // the beat reads it
		x.talk = &conversation{}
		x.mu.Unlock()
	}
	return &upgradedBody{responseBody{resp.Body, x}, w}
}
