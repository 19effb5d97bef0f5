package proxy

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"detour/internal/dial"
	"detour/internal/flow"
)

// An exchange is one request in progress. It owns the flow until the final Put. The
// transport's and the handler's goroutines report to it.
type exchange struct {
	p              *Proxy
	client         context.Context     // ends when the client leaves or its handler returns
	w              http.ResponseWriter // towards the client
	interim        interimForwarder
	body           *requestBody // nil if the request has none; set under mu
	responsePrefix bodyPrefix   // of the response's body, by the handler's goroutine
	toProxy        bool         // the request goes to an upstream proxy as a whole

	sent, received atomic.Int64 // bytes of the bodies

	mu             sync.Mutex
	f              flow.Flow
	changed        bool            // the flow has changed since it was published
	published      bool            // the final revision is published
	hasRequestBody bool            // the flow has the request's body
	ownDials       []*flow.Conn    // the connections whose making this exchange set off
	hasConn        bool            // a connection carries it
	messages       *messageCounter // a WebSocket's
	readErr        error           // the response's body broke off
	sendErr        error           // the client did not take the response
}

type exchangeKey struct{}

func exchangeOf(ctx context.Context) *exchange {
	x, _ := ctx.Value(exchangeKey{}).(*exchange)
	return x
}

// exchange serves one request with an absolute URL and records it.
func (p *Proxy) exchange(w http.ResponseWriter, r *http.Request) {
	if !p.work.enter() {
		http.Error(w, errStopped.Error(), http.StatusServiceUnavailable)
		return
	}
	defer p.work.leave()
	x := &exchange{p: p, client: r.Context(), w: w}
	x.f = flow.Flow{
		ID: p.nextID(), Source: flow.SourceProxy, State: flow.StateBlocked,
		Request: flow.Request{
			Method: r.Method, URL: flowURL(r), Proto: r.Proto, Headers: headers(r),
		},
		Times: flow.Times{Start: time.Now()},
	}
	x.start()
	if r.ProtoMajor == 1 {
		// Without it, net/http reads the rest of the request before it writes an early
		// response, and an upload to a server that responds early hangs.
		_ = http.NewResponseController(w).EnableFullDuplex()
	}
	preservePath(r)
	if r.ContentLength == 0 {
		r.Body = http.NoBody // net/http gives an HTTP/2 request without a body a reader
	}
	sw := &streamWriter{w: w, x: x}
	defer func() {
		sw.close()
		if x.body != nil {
			x.body.release()
		}
		x.finish()
		if x.readErr != nil && sw.hijacked == nil {
			panic(http.ErrAbortHandler) // the client must see that the body is truncated
		}
	}()
	p.gp.ServeHTTP(sw, r.WithContext(x.withTrace(r.Context())))
}

// update changes the flow; the next beat publishes it. After the final revision it
// does nothing.
func (x *exchange) update(change func(f *flow.Flow)) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.f.Final() {
		return
	}
	change(&x.f)
	x.changed = true
}

// progress takes news of a dial that this exchange set off.
func (x *exchange) dialProgress(c *flow.Conn) {
	x.update(func(f *flow.Flow) {
		at := slices.IndexFunc(x.ownDials, func(d *flow.Conn) bool { return d.ID == c.ID })
		if at < 0 {
			x.ownDials = append(x.ownDials, c)
		} else {
			x.ownDials[at] = c
		}
		if !x.hasConn {
			f.Conn, f.State = c, dialState(c)
		}
		f.Unused = x.unused(f.Conn)
	})
}

// unused returns the connections that this exchange started to dial and doesn't use.
func (x *exchange) unused(carrier *flow.Conn) (out []*flow.Conn) {
	for _, d := range x.ownDials {
		if carrier == nil || d.ID != carrier.ID {
			out = append(out, d)
		}
	}
	return out
}

// ownDial reports whether this exchange set off the making of c.
func (x *exchange) isOwnDial(c *flow.Conn) bool {
	return slices.ContainsFunc(x.ownDials, func(d *flow.Conn) bool { return d.ID == c.ID })
}

// stateOf says how far the making of a connection has come.
func dialState(c *flow.Conn) flow.State {
	switch {
	case c.Resolution == nil || c.Resolution.Outcome == flow.DNSPending:
		return flow.StateResolving
	case c.Winner() == nil:
		return flow.StateConnecting
	case c.TLS != nil && c.TLS.Outcome == flow.TLSPending:
		return flow.StateHandshaking
	}
	return flow.StateWaiting
}

// carried says which connection the request goes out on.
func (x *exchange) gotConn(c *flow.Conn) {
	x.update(func(f *flow.Flow) {
		x.hasConn = true
		f.Conn, f.Reused, f.State = c, c != nil && !x.isOwnDial(c), flow.StateWaiting
		f.Unused = x.unused(c)
		f.Times.GotConn = time.Now()
	})
}

func (x *exchange) alreadyHasConn() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.hasConn
}

// mayResend reports whether the request went out on a connection that had been
// used before, and its client still waits and has seen nothing.
func (x *exchange) canResend() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.f.Reused && x.client.Err() == nil && !x.interim.anyForwarded()
}

// wrote notes that the request is out, or that it didn't get out whole.
func (x *exchange) wroteRequest(err error) {
	if err != nil {
		return // the round trip returns it
	}
	x.update(func(f *flow.Flow) { f.Times.WroteRequest = time.Now() })
}

// broken notes how the server's side ended before its time.
func (x *exchange) responseBroke(err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.readErr == nil {
		x.readErr = err
	}
}

// unsent notes how the client's side ended before its time.
func (x *exchange) clientWriteFailed(err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.sendErr == nil {
		x.sendErr = err
	}
}

// answered takes the response's head.
func (x *exchange) gotResponse(resp *http.Response) {
	x.update(func(f *flow.Flow) {
		f.State = flow.StateReceiving
		f.Response = &flow.Response{Status: resp.StatusCode, Proto: resp.Proto, Headers: flow.Fields(resp.Header)}
		f.Times.FirstByte = time.Now()
		if resp.StatusCode != http.StatusSwitchingProtocols {
			x.responsePrefix.limit = x.p.bodyLimit(f)
		}
	})
}

func (x *exchange) hasResponse() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.f.Response != nil
}

// failed takes the error that the round trip ended with, and returns the stage.
func (x *exchange) roundTripFailed(err error) flow.Stage {
	var de *dial.Error
	fail := &flow.Failure{Stage: flow.StageWait, Message: failureMessage(err), Plaintext: errors.Is(err, dial.ErrPlaintext), Reset: dial.IsReset(err)}
	x.update(func(f *flow.Flow) {
		switch {
		case errors.As(err, &de):
			fail.Stage = de.Stage
			f.Conn = de.Info
			f.Reused = false
		case errors.Is(err, errLoop):
			fail.Stage = flow.StageProxy
		case f.Times.WroteRequest.IsZero():
			fail.Stage = flow.StageSend
		}
		// A stop ends the dial before or after it ends the client's context.
		stopped := x.p.ctx.Err() != nil && errors.Is(err, context.Canceled)
		if (x.client.Err() != nil || stopped) && !errors.Is(err, errLoop) && !x.body.wasConnClosed() {
			*fail = flow.Failure{Stage: flow.StageClient, Message: x.canceledMessage()}
		}
		f.Failure = fail
	})
	return fail.Stage
}

// leftMessage says who ended the exchange before its time.
func (x *exchange) canceledMessage() string {
	if x.p.ctx.Err() != nil {
		return errStopped.Error()
	}
	return "the client canceled the request"
}

// finish publishes the final revision.
func (x *exchange) finish() {
	x.update(func(f *flow.Flow) {
		f.State = flow.StateDone
		f.Times.Done = time.Now()
		if r := f.Response; r != nil && x.responsePrefix.limit > 0 {
			whole := *r // the one before is published and stays as it is
			whole.Body, whole.BodyTruncated = x.p.decoded(r.Headers, x.responsePrefix.bytes, x.responsePrefix.truncated || x.readErr != nil)
			f.Response = &whole
		}
		switch {
		case f.Failure != nil:
		case x.readErr != nil && x.client.Err() == nil:
			f.Failure = &flow.Failure{Stage: flow.StageReceive, Message: failureMessage(x.readErr), Reset: dial.IsReset(x.readErr)}
		case x.sendErr != nil || x.readErr != nil:
			f.Failure = &flow.Failure{Stage: flow.StageClient, Message: x.canceledMessage()}
		}
	})
	x.p.active.remove(x)
	x.publish()
}

// reason is the innermost account of an error, without net/http's wrapping.
func failureMessage(err error) string {
	// net.ErrClosed: reading saw the end first, and the transport closed the
	// connection under the writing.
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) {
		return "the server closed the connection prematurely (" + err.Error() + ")"
	}
	return err.Error()
}

// flowURL returns the requested URL as it was received.
func flowURL(r *http.Request) string {
	if strings.HasPrefix(r.RequestURI, "/") { // origin-form, from a tunnel
		return r.URL.Scheme + "://" + r.URL.Host + r.RequestURI
	}
	return r.URL.String()
}

// keepPath makes the URL go upstream with its path as it was received. Without
// it net/url escapes a few bytes anew, and a signature over the path breaks.
func preservePath(r *http.Request) {
	path := r.RequestURI
	if !strings.HasPrefix(path, "/") { // absolute-form
		_, rest, _ := strings.Cut(path, "://")
		slash := strings.IndexByte(rest, '/')
		if slash < 0 {
			return
		}
		path = rest[slash:]
	}
	path, _, _ = strings.Cut(path, "?")
	if path != r.URL.EscapedPath() && !strings.HasPrefix(path, "//") {
		r.URL.Opaque = path
	}
}

// headers returns the header fields by name, Host first. net/http doesn't keep their
// order.
func headers(r *http.Request) []flow.Header {
	return append([]flow.Header{{Name: "Host", Value: r.Host}}, flow.Fields(r.Header)...)
}
