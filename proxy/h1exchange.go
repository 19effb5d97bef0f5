package proxy

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"detour/internal/flow"
	"detour/internal/h2client"
	"detour/internal/http1"
)

// exchange carries out one exchange and records it as a flow. If the server requires HTTP/2,
// net/http has to carry on with the exchange that has begun.
func (c *h1Conn) exchange(r *h1Request) (next nextStep, begun *exchange) {
	x := c.p.beginExchange(flow.Request{
		Method: r.Method, URL: c.tunnel.scheme + "://" + c.host + r.Target, Proto: "HTTP/1.1", Headers: r.Fields,
	}, c)
	if x == nil {
		return end, nil
	}
	x.client = c.ctx
	c.watch.begin(x)
	x.recordBody(r.body)
	s, resp, err := c.roundTrip(x, r)
	if requiresHTTP2(err) && x.client.Err() == nil {
		c.endWatch()
		x.http2 = true
		return handOver, x
	}
	if err == nil {
		c.respond(x, s, resp)
	} else {
		c.respondError(x, r.Method, err)
	}
	x.finish()
	c.endWatch()
	c.p.work.Leave()
	c.in.use(r.size)
	if x.readErr != nil || x.sendErr != nil || c.ctx.Err() != nil || c.p.ownConns.draining.Load() {
		return end, nil
	}
	return stay, nil
}

// recordBody records the body of a request that is whole, if the flow is to have it.
func (x *exchange) recordBody(body []byte) {
	if len(body) == 0 {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.p.bodyLimit(&x.f) > 0 {
		x.f.Request.Body, x.f.Request.BodyTruncated = x.p.decoded(x.f.Request.Headers, bytes.Clone(body), false)
		x.hasRequestBody = true
	}
}

// roundTrip sends the request and reads the head of the response. It sends the request again
// if the connection turns out to have been closed, and the server can't have processed it, or
// may process it twice.
func (c *h1Conn) roundTrip(x *exchange, r *h1Request) (*serverConn, *h1Response, error) {
	for {
		s, err := c.p.pool.get(x, c.server)
		if err != nil {
			return nil, nil, err
		}
		x.gotConn(s.dialed.Info())
		var resp *h1Response
		err = c.watch.carry(s)
		if err == nil {
			resp, err = c.try(x, s, r)
		}
		if err == nil {
			return s, resp, nil
		}
		c.release(s, false)
		if !x.canResend() || !mayResend(r, err) {
			return nil, nil, err
		}
	}
}

// An unansweredError is the error of a request to which not a byte came back.
type unansweredError struct {
	err     error
	written bool // the server may have received it
}

func (e *unansweredError) Error() string { return e.err.Error() }

func (e *unansweredError) Unwrap() error { return e.err }

// mayResend reports whether a request that was sent on a reused connection can be sent again,
// as net/http would: if nothing was written, or processing it twice does no harm.
func mayResend(r *h1Request, err error) bool {
	var u *unansweredError
	switch {
	case errors.As(err, &u):
		return !u.written || isIdempotent(r.Method, func(name string) bool { return flow.Has(r.Fields, name) })
	case len(r.body) > 0:
		return false
	}
	return h2client.IsSafe(r.Method) && isLost(err)
}

// try sends the request on a connection and reads the head of the response.
func (c *h1Conn) try(x *exchange, s *serverConn, r *h1Request) (*h1Response, error) {
	if err := s.write(x, r); err != nil {
		return nil, err
	}
	s.answered = false
	head, err := s.readHead()
	for err == nil && head.Status < http.StatusOK {
		if err = c.forwardInterim(x, head); err == nil {
			head, err = s.readHead()
		}
	}
	if err = s.upload.endHead(s, err); err != nil {
		return nil, err
	}
	resp := &h1Response{Response: *head, method: r.Method}
	resp.body, err = head.Framing(r.Method)
	return resp, err
}

// write writes a request to the server. It doesn't wait for the end of a long one.
func (s *serverConn) write(x *exchange, r *h1Request) error {
	out := borrow()
	out.b = appendRequest(out.b, r)
	headSize := len(out.b)
	out.b = append(out.b, r.body...)
	x.sent.Store(0) // of an earlier connection
	if len(out.b) > maxWriteAtOnce {
		s.upload = startUpload(x, s, out, headSize)
		return nil
	}
	defer out.giveBack()
	n, err := s.Write(out.b)
	x.sent.Store(int64(max(0, n-headSize)))
	if err != nil {
		return &unansweredError{err, n > 0}
	}
	x.wroteRequest(nil)
	return nil
}

// appendRequest appends the head of a request as it is sent to the server.
func appendRequest(out []byte, r *h1Request) []byte {
	out = append(out, r.Method...)
	out = append(out, ' ')
	out = append(out, r.Target...)
	out = append(out, " HTTP/1.1\r\n"...)
	for i := range r.Fields {
		if h := &r.Fields[i]; !isHopByHop(h.Name) && !isForProxy(h.Name) {
			out = http1.AppendField(out, h.Name, h.Value)
		}
	}
	return append(out, "\r\n"...)
}

// isForProxy reports whether a field of a request is meant for a proxy.
func isForProxy(name string) bool {
	return http1.Is(name, "proxy-authorization") || http1.Is(name, "proxy-authenticate")
}

// maxStart is how much of a response is checked before its head is whole.
const maxStart = 4 << 10

// readHead reads the next head that the server sends.
func (s *serverConn) readHead() (*http1.Response, error) {
	for seen, checked := 0, false; ; {
		b := s.in.bytes()
		if n := http1.EndOfHead(b, seen); n > 0 {
			head, err := http1.ParseResponse(string(b[:n]))
			s.in.use(n)
			return &head, err
		}
		if !checked && len(b) > 0 {
			start := b[:min(len(b), maxStart)]
			if err := http1.CheckStart(start); err != nil {
				return nil, err
			}
			checked = len(start) == maxStart || bytes.IndexByte(start, '\n') >= 0
		}
		if s.in.len() > maxResponseHeader {
			return nil, errLongHead
		}
		seen = len(b)
		if err := s.in.fill(s.Conn); err != nil {
			if !s.answered {
				return nil, &unansweredError{err, true}
			}
			return nil, noEOF(err)
		}
		s.answered = true
	}
}

// noEOF returns the error of a message that ends in the middle.
func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// release ends the use of a connection, which the next exchange can use if it is reusable.
func (c *h1Conn) release(s *serverConn, reusable bool) {
	_ = c.watch.carry(nil)
	reusable = s.endUpload() && reusable && s.isSilent(past)
	s.in.release()
	if reusable {
		c.p.pool.put(c.server, s)
	} else {
		_ = s.Close()
	}
}

// respondError sends the client the response of the proxy itself.
func (c *h1Conn) respondError(x *exchange, method string, err error) {
	resp := x.errorResponse(&http.Request{Method: method}, err)
	defer resp.Body.Close()
	if x.client.Err() != nil {
		return
	}
	resp.Header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	var b bytes.Buffer
	_ = resp.Write(&b) // can't fail
	c.send(x, b.Bytes())
}

// send writes to the client and notes a failure.
func (c *h1Conn) send(x *exchange, p []byte) bool {
	_, err := c.Write(p)
	if err != nil {
		x.clientWriteFailed(err)
	}
	return err == nil
}

// An outbox is a borrowed buffer for what is about to be written.
type outbox struct{ b []byte }

var outboxes = sync.Pool{New: func() any { return &outbox{make([]byte, 0, smallSize)} }}

func borrow() *outbox { return outboxes.Get().(*outbox) }

func (o *outbox) giveBack() {
	if cap(o.b) <= 4*copySize {
		o.b = o.b[:0]
		outboxes.Put(o)
	}
}

var errLongHead = errors.New("the head of the server's response exceeded 1 MiB")

// adoptExchange returns the exchange of r that an h1Conn has begun, or nil.
func adoptExchange(r *http.Request) *exchange {
	c := httpConnOf(r.Context())
	if c == nil {
		return nil
	}
	return c.begun.Swap(nil)
}
