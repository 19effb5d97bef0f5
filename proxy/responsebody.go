package proxy

import (
	"io"
	"net/http"
	"strings"

	"detour/internal/flow"
)

// responseBody counts the bytes read from the server's body, notes the error it ended
// with, and records its beginning if the flow is to have it.
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

// isWhole reports whether the server has sent all of the body, if that is known.
func (b *responseBody) isWhole() bool {
	w, ok := b.ReadCloser.(interface{ IsWhole() bool })
	return ok && w.IsWhole()
}

// A bodyPrefix stores the beginning of a body, up to a limit. It must not be read
// while it is written.
type bodyPrefix struct {
	bytes     []byte
	limit     int // 0: nothing is stored
	truncated bool
}

// expect makes room for a body of n bytes.
func (b *bodyPrefix) expect(n int64) {
	if n = min(n, int64(b.limit)); n > 0 {
		b.bytes = make([]byte, 0, n)
	}
}

func (b *bodyPrefix) add(p []byte) {
	room := b.limit - len(b.bytes)
	if len(p) > room {
		b.truncated = true
		p = p[:room]
	}
	b.bytes = append(b.bytes, p...)
}

// decoded returns a body's beginning without its content coding, or nil if the coding
// is unknown. The result reports whether the body is truncated.
func (p *Proxy) decoded(hs []flow.Header, body []byte, cut bool) ([]byte, bool) {
	coding := flow.Get(hs, "Content-Encoding")
	if coding == "" || len(body) == 0 {
		return body, cut
	}
	var out []byte
	var torn, ok bool
	if !p.guard(func() { out, torn, ok = p.coding.Prefix(coding, body, maxBodyPrefix) }) || !ok {
		return nil, false
	}
	return out, cut || torn
}

// upgradedBody is the byte stream that follows 101 (Switching Protocols). goproxy
// writes the client's bytes to it.
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
	b.x.countFrames(flow.SideClient, p) // before the server can respond to it
	n, err := b.w.Write(p)
	b.x.sent.Add(int64(n))
	return n, err
}

// countFrames counts the messages in the bytes of a WebSocket.
func (x *exchange) countFrames(side flow.Side, p []byte) {
	if x.messages != nil && !x.p.guard(func() { x.messages.feed(side, p) }) {
		x.messages.stop()
	}
}

// responseBody wraps the body of a response in a responseBody or an upgradedBody.
func (x *exchange) responseBody(resp *http.Response) io.ReadCloser {
	if resp.Body == http.NoBody {
		return resp.Body
	}
	w, ok := resp.Body.(io.Writer)
	if !ok {
		return &responseBody{resp.Body, x}
	}
	if strings.EqualFold(resp.Header.Get("Upgrade"), "websocket") {
		x.mu.Lock() // publish reads it
		x.messages = &messageCounter{}
		x.mu.Unlock()
	}
	return &upgradedBody{responseBody{resp.Body, x}, w}
}
