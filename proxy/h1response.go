package proxy

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"

	"detour/internal/flow"
	"detour/internal/http1"
)

// An h1Response is the head of a response, and how its body ends.
type h1Response struct {
	http1.Response
	method string // of the request
	body   http1.Framing
}

// respond forwards the response, of which the head was read, and records it. What the server has
// sent is written to the client before more is awaited.
func (c *h1Conn) respond(x *exchange, s *serverConn, r *h1Response) {
	x.gotResponse(&flow.Response{Status: r.Status, Proto: "HTTP/1." + strconv.Itoa(r.Minor), Headers: r.Fields})
	b := bodyForwarder{c: c, x: x, s: s, out: borrow()}
	defer b.out.giveBack()
	b.out.b = r.appendHead(b.out.b)
	whole := true
	switch r.body.Kind {
	case http1.None:
	case http1.WithLength:
		whole = b.forwardLength(r.body.Length)
	case http1.Chunked:
		whole = b.forwardChunks()
	case http1.UntilClose:
		whole = b.forwardUntilClose()
	}
	if s.upload != nil && x.sendErr == nil {
		b.flush() // the end of the upload may take a while
		x.responded = time.Now()
	}
	c.release(s, whole && r.body.Kind != http1.UntilClose && !r.Closes())
	if x.sendErr == nil {
		b.flush()
	}
}

// appendHead appends the head of the response as it is sent to the client.
func (r *h1Response) appendHead(out []byte) []byte {
	out = append(out, "HTTP/1.1 "...)
	out = strconv.AppendInt(out, int64(r.Status), 10)
	out = append(out, ' ')
	if isPhrase(r.Reason) {
		out = append(out, r.Reason...)
	} else {
		out = append(out, http.StatusText(r.Status)...)
	}
	out = append(out, "\r\n"...)
	named := connectionOptions(r.Fields)
	hasLength := !r.mayHaveLength()
	for i := range r.Fields {
		switch h := &r.Fields[i]; {
		case http1.Is(h.Name, "content-length"):
			if !hasLength {
				out = http1.AppendField(out, h.Name, h.Value)
			}
			hasLength = true
		case isHopByHop(h.Name), named != nil && named[strings.ToLower(h.Name)]:
		default:
			out = http1.AppendField(out, h.Name, h.Value)
		}
	}
	if r.body.Kind >= http1.Chunked {
		out = append(out, "Transfer-Encoding: chunked\r\n"...)
	}
	return append(out, "\r\n"...)
}

// mayHaveLength reports whether Content-Length is forwarded: it says where the body ends, or
// where it would end if the method weren't HEAD.
func (r *h1Response) mayHaveLength() bool {
	return r.body.Kind == http1.WithLength || r.method == http.MethodHead && r.Status >= http.StatusOK &&
		r.Status != http.StatusNoContent && r.Status != http.StatusNotModified
}

// connectionOptions returns what Connection names, in lower case, if it may name a field.
func connectionOptions(fields []flow.Header) (named map[string]bool) {
	for i := range fields {
		h := &fields[i]
		if !http1.Is(h.Name, "connection") || http1.Is(h.Value, "keep-alive") || http1.Is(h.Value, "close") {
			continue
		}
		if named == nil {
			named = make(map[string]bool)
		}
		for t := range listed([]string{h.Value}) {
			named[strings.ToLower(t)] = true
		}
	}
	return named
}

// forwardInterim forwards an interim response. The client has asked for no 100 (Continue).
func (c *h1Conn) forwardInterim(x *exchange, head *http1.Response) error {
	switch code := head.Status; {
	case code == http.StatusSwitchingProtocols:
		return errUnaskedUpgrade
	case code < http.StatusContinue:
		return invalidStatus(code)
	}
	forwarded := head.Status != http.StatusContinue
	if err := x.interim.receive(forwarded); err != nil || !forwarded {
		return err
	}
	out := borrow()
	defer out.giveBack()
	r := h1Response{Response: *head}
	out.b = r.appendHead(out.b)
	if !c.send(x, out.b) {
		return x.sendErr
	}
	return nil
}

// A bodyForwarder forwards and records the body of a response. Its forward methods report
// whether they have received all of it, and leave the last bytes to flush. An error is noted in
// the exchange.
type bodyForwarder struct {
	c   *h1Conn
	x   *exchange
	s   *serverConn
	out *outbox
}

// flush writes what is to be sent to the client, and reports whether the client still takes it.
func (b *bodyForwarder) flush() bool {
	if len(b.out.b) == 0 {
		return true
	}
	ok := b.c.send(b.x, b.out.b)
	b.out.b = b.out.b[:0]
	return ok
}

// more flushes, and waits for more from the server. At the end of the connection it returns
// io.EOF.
func (b *bodyForwarder) more() error {
	if !b.flush() {
		return b.x.sendErr
	}
	return b.s.in.fill(b.s.Conn)
}

// broke notes why there is no more from the server.
func (b *bodyForwarder) broke(err error) bool {
	if b.x.sendErr == nil {
		b.x.responseBroke(noEOF(err))
	}
	return false
}

// note records a part of the body.
func (b *bodyForwarder) note(p []byte) {
	b.x.received.Add(int64(len(p)))
	b.x.responsePrefix.add(p)
}

func (b *bodyForwarder) forwardLength(left int64) bool {
	b.x.responsePrefix.expect(left)
	for left > 0 {
		if b.s.in.len() == 0 {
			if left > smallSize {
				b.s.in.expectMuch()
			}
			if err := b.more(); err != nil {
				return b.broke(err)
			}
		}
		p := b.s.in.bytes()
		p = p[:min(int64(len(p)), left)]
		left -= int64(len(p))
		b.note(p)
		b.out.b = append(b.out.b, p...)
		b.s.in.use(len(p))
	}
	return true
}

func (b *bodyForwarder) forwardChunks() bool {
	var chunks http1.ChunkReader
	for !chunks.Done {
		data, used, err := chunks.Next(b.s.in.bytes())
		b.note(data)
		b.out.b = http1.AppendChunk(b.out.b, data)
		b.s.in.use(used)
		if err == nil && used == 0 && !chunks.Done {
			err = b.more()
		}
		if err != nil {
			b.flush()
			return b.broke(err)
		}
	}
	b.out.b = append(b.out.b, "0\r\n"...)
	// net/http drops what decides how the message is read, too (RFC 9110, 6.5.1).
	for _, h := range chunks.Trailer {
		if httpguts.ValidTrailerHeader(h.Name) {
			b.out.b = http1.AppendField(b.out.b, h.Name, h.Value)
		}
	}
	b.out.b = append(b.out.b, "\r\n"...)
	return true
}

func (b *bodyForwarder) forwardUntilClose() bool {
	for {
		p := b.s.in.bytes()
		b.note(p)
		b.out.b = http1.AppendChunk(b.out.b, p)
		b.s.in.use(len(p))
		b.s.in.expectMuch()
		if err := b.more(); errors.Is(err, io.EOF) {
			b.out.b = append(b.out.b, "0\r\n\r\n"...)
			return true
		} else if err != nil {
			return b.broke(err)
		}
	}
}

// isPhrase reports whether a reason phrase has no control characters.
func isPhrase(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) < 0
}
