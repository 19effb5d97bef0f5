package proxy

import (
	"io"
	"net/http"
	"strings"

	"detour/internal/flow"
)

// responseBody counts the bytes read of the server's body, records its error, and
// keeps its beginning for the flow.
type responseBody struct {
	io.ReadCloser
	x *exchange
}

func (b *responseBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.x.received.Add(int64(n))
	b.x.responsePrefix.add(p[:n])
	if err != nil && err != io.EOF {
		b.x.responseBroke(err)
	}
	return n, err
}

// A beginning is that of a body, up to a limit. It has one writer, and is read
// after it.
type bodyPrefix struct {
	bytes     []byte
	limit     int // 0: nothing is kept
	truncated bool
}

func (b *bodyPrefix) add(p []byte) {
	room := b.limit - len(b.bytes)
	if len(p) > room {
		b.truncated = true
		p = p[:room]
	}
	b.bytes = append(b.bytes, p...)
}

// decoded returns the beginning of a body without its content coding; nil if the
// coding isn't supported.
func (p *Proxy) decoded(hs []flow.Header, body []byte, cut bool) ([]byte, bool) {
	coding := flow.Get(hs, "Content-Encoding")
	if coding == "" || len(body) == 0 {
		return body, cut
	}
	out, torn, ok := p.coding.Prefix(coding, body, maxBodyPrefix)
	if !ok {
		return nil, false
	}
	return out, cut || torn
}

// upgradedBody is the byte stream after 101 Switching Protocols. goproxy writes the
// client's bytes to it.
type upgradedBody struct {
	responseBody
	w io.Writer
}

func (b *upgradedBody) Read(p []byte) (int, error) {
	n, err := b.responseBody.Read(p)
	b.x.countFrames(flow.SideServer, p[:n])
	return n, err
}

func (b *upgradedBody) Write(p []byte) (int, error) {
	b.x.countFrames(flow.SideClient, p) // before the answer to it can come
	n, err := b.w.Write(p)
	b.x.sent.Add(int64(n))
	return n, err
}

// said passes the bytes of a WebSocket on to be counted.
func (x *exchange) countFrames(side flow.Side, p []byte) {
	if x.messages != nil {
		x.messages.feed(side, p)
	}
}

// responseBody wraps the body of a response.
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
		x.messages = &messageCounter{}
		x.mu.Unlock()
	}
	return &upgradedBody{responseBody{resp.Body, x}, w}
}
