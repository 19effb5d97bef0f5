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
	"detour/internal/fault"
	"detour/internal/flow"
)

// An exchange is one request in progress, or one tunnel. It owns the flow until the
// final Put. The transport's goroutines and the handler's report to it, or those of an h1Conn.
type exchange struct {
	p              *Proxy
	client         context.Context     // ends when the client cancels or the handler returns
	w              http.ResponseWriter // to the client; nil for a tunnel, and with h1
	h1             *h1Conn             // the client's connection, if the proxy serves it itself
	interim        interimForwarder
	body           *requestBody   // nil if the request has none; set under mu
	responsePrefix bodyPrefix     // of the response's body; written by the handler's goroutine
	response       *http.Response // the server's; used by the handler's goroutine only
	headOnly       headOnly       // of response
	http2          bool           // the server requires HTTP/2
	responded      time.Time      // when the response was passed on, if an upload ended later; zero: at the end
	toProxy        bool           // the request goes to an upstream HTTP proxy in absolute form

	sent, received atomic.Int64 // bytes of the bodies

	mu             sync.Mutex
	f              flow.Flow
	changed        bool            // since the last revision
	published      bool            // the final revision
	refused        bool            // the Sink panicked at a revision
	hasRequestBody bool            // in f
	ownDials       []*flow.Conn    // connections that were dialed for this exchange
	hasConn        bool            // a connection carries the request
	dials          int             // how many connections were begun for this exchange
	dialTurn       chan struct{}   // of length 1: held while one is made that it needs
	giveUpTurn     func()          // ends the last wait for dialTurn
	dialing        int             // how many are being made
	spare          int             // of these, those that it doesn't need: another one carried the request
	dialEnded      chan struct{}   // closed when the one it needs is made; nil unless the exchange waits for that
	messages       *messageCounter // nil unless it is a WebSocket
	readErr        error           // from reading the response's body
	sendErr        error           // from writing the response to the client
}

type exchangeKey struct{}

func exchangeOf(ctx context.Context) *exchange {
	x, _ := ctx.Value(exchangeKey{}).(*exchange)
	return x
}

// exchange serves one request with an absolute URL and records it as a flow.
func (p *Proxy) exchange(w http.ResponseWriter, r *http.Request) {
	x := adoptExchange(r)
	if x == nil {
		x = p.beginExchange(flow.Request{Method: r.Method, URL: flowURL(r), Proto: r.Proto, Headers: headers(r)}, nil)
	}
	if x == nil {
		http.Error(w, errStopped.Error(), http.StatusServiceUnavailable)
		return
	}
	defer p.work.Leave()
	x.client, x.w = r.Context(), w
	if r.ProtoMajor == 1 {
		// Otherwise net/http reads the rest of the request before it writes an early
		// response, and an upload to a server that responds early hangs.
		_ = http.NewResponseController(w).EnableFullDuplex()
	}
	preservePath(r)
	if r.ContentLength == 0 {
		r.Body = http.NoBody // net/http's HTTP/2 server sets a reader even without a body
	}
	sw := &streamWriter{w: w, x: x}
	defer func() {
		v := recover()
		if v != nil {
			p.faults.Report(exchangeLost, fault.Of(v))
			x.panicked()
		}
		sw.close()
		if x.body != nil {
			x.body.release()
		}
		x.finish()
		if sw.hijacked != nil {
			return
		}
		if x.readErr != nil || v != nil {
			panic(http.ErrAbortHandler) // the client must see that the response is truncated
		}
		x.body.drain()
	}()
	r = r.WithContext(x.withTrace(r.Context()))
	if r.ProtoMajor > 1 {
		x.forward(sw, r)
	} else {
		p.gp.ServeHTTP(sw, r)
	}
}

// beginExchange begins to record a request, or returns nil if the proxy is stopping. Call
// work.Leave at the end. h1 is nil unless it serves the exchange.
func (p *Proxy) beginExchange(r flow.Request, h1 *h1Conn) *exchange {
	if !p.work.Enter() {
		return nil
	}
	x := &exchange{p: p, h1: h1}
	x.f = flow.Flow{
		ID: p.nextID(), Source: flow.SourceProxy, State: flow.StateBlocked,
		Request: r, Times: flow.Times{Start: time.Now()},
	}
	x.start()
	return x
}

// update changes the flow, which is published within publishInterval. After the final
// revision it does nothing.
func (x *exchange) update(change func(f *flow.Flow)) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.f.Final() {
		return
	}
	change(&x.f)
	x.changed = true
}

// dialProgress records a snapshot of a dial for this exchange.
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

// unused returns the dials for this exchange other than that of its connection.
func (x *exchange) unused(carrier *flow.Conn) (out []*flow.Conn) {
	for _, d := range x.ownDials {
		if carrier == nil || d.ID != carrier.ID {
			out = append(out, d)
		}
	}
	return out
}

// isOwnDial reports whether c was dialed for this exchange.
func (x *exchange) isOwnDial(c *flow.Conn) bool {
	return slices.ContainsFunc(x.ownDials, func(d *flow.Conn) bool { return d.ID == c.ID })
}

// dialState returns the state of a flow whose connection is being made.
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

// gotConn records the connection that carries the request.
func (x *exchange) gotConn(c *flow.Conn) {
	x.update(func(f *flow.Flow) {
		x.hasConn = true
		x.passTurn()
		f.Conn, f.Reused, f.State = c, c != nil && !x.isOwnDial(c), flow.StateWaiting
		f.Unused = x.unused(c)
		f.Times.GotConn, f.Times.WroteRequest = time.Now(), time.Time{} // it may have been sent on another one
	})
}

func (x *exchange) alreadyHasConn() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.hasConn
}

// canResend reports whether the request was sent on a reused connection, and its client
// is still waiting and has received nothing.
func (x *exchange) canResend() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.f.Reused && x.client.Err() == nil && !x.interim.anyForwarded()
}

// wroteRequest records when the request was sent.
func (x *exchange) wroteRequest(err error) {
	if err != nil {
		return // the round trip returns it
	}
	x.update(func(f *flow.Flow) { f.Times.WroteRequest = time.Now() })
}

// responseBroke records the first error from reading the response's body.
func (x *exchange) responseBroke(err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.readErr == nil {
		x.readErr = err
	}
}

// clientWriteFailed records the first error from writing to the client, or from
// reading from it in a tunnel.
func (x *exchange) clientWriteFailed(err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.sendErr == nil {
		x.sendErr = err
	}
}

// gotResponse records the response's head. r must not be written to afterwards.
func (x *exchange) gotResponse(r *flow.Response) {
	x.update(func(f *flow.Flow) {
		f.State = flow.StateReceiving
		f.Response = r
		f.Times.FirstByte = time.Now()
		if r.Status != http.StatusSwitchingProtocols {
			x.responsePrefix.limit = x.p.bodyLimit(f)
		}
	})
}

func (x *exchange) hasResponse() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.f.Response != nil
}

// roundTripFailed records the error of the round trip and returns its stage.
func (x *exchange) roundTripFailed(err error) flow.Stage {
	var de *dial.Error
	fail := &flow.Failure{
		Stage: flow.StageWait, Message: failureMessage(err),
		Plaintext: errors.Is(err, dial.ErrPlaintext), Reset: dial.IsReset(err),
	}
	x.update(func(f *flow.Flow) {
		switch {
		case errors.As(err, &de):
			fail.Stage = de.Stage
			f.Conn = de.Info
			f.Reused = false
		case errors.Is(err, errLoop), errors.Is(err, errScheme), errors.Is(err, errFault):
			fail.Stage = flow.StageProxy
		case isUnprocessed(err):
			fail.Unprocessed = true
		case f.Times.WroteRequest.IsZero():
			fail.Stage = flow.StageSend
		}
		if de == nil && isSilence(err) {
			fail.Kind = flow.KindResponseTimeout
		}
		// Shutdown cancels the dial and the client's context, in no particular order.
		stopped := x.p.ctx.Err() != nil && errors.Is(err, context.Canceled)
		if (x.client.Err() != nil || stopped) && !errors.Is(err, errLoop) && !x.body.wasConnClosed() {
			*fail = *x.canceledFailure()
		}
		f.Failure = fail
	})
	return fail.Stage
}

// finish publishes the final revision.
func (x *exchange) finish() {
	x.awaitDial()
	x.update(func(f *flow.Flow) {
		f.State = flow.StateDone
		if f.Times.Done = x.responded; !f.Times.Done.After(f.Times.WroteRequest) {
			f.Times.Done = time.Now()
		}
		if r := f.Response; r != nil && x.responsePrefix.limit > 0 {
			withBody := *r // a copy: r is published
			truncated := x.responsePrefix.truncated || x.readErr != nil
			withBody.Body, withBody.BodyTruncated = x.p.decoded(r.Headers, x.responsePrefix.bytes, truncated)
			f.Response = &withBody
		}
		switch {
		case f.Failure != nil:
		case x.readErr != nil && x.client.Err() == nil:
			f.Failure = &flow.Failure{Stage: flow.StageReceive, Message: failureMessage(x.readErr), Reset: dial.IsReset(x.readErr)}
		case x.sendErr != nil || x.readErr != nil:
			f.Failure = x.canceledFailure()
		}
		x.settle(f)
	})
	x.p.active.remove(x)
	x.publish()
}

// failureMessage returns the message for an error of the transport.
func failureMessage(err error) string {
	// net.ErrClosed: the transport read EOF and closed the connection while it was
	// still writing the request.
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) {
		return "the server closed the connection prematurely (" + err.Error() + ")"
	}
	return err.Error()
}

// flowURL returns the requested URL as it was received.
func flowURL(r *http.Request) string {
	if strings.HasPrefix(r.RequestURI, "/") { // origin-form, from an intercepted connection
		return r.URL.Scheme + "://" + r.URL.Host + r.RequestURI
	}
	return r.URL.String()
}

// preservePath makes the transport send the path as it was received. Otherwise net/url
// would escape some bytes differently, which invalidates a signature over the path.
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

// headers returns the header fields sorted by name, with Host first. net/http doesn't
// preserve their order.
func headers(r *http.Request) []flow.Header {
	return append([]flow.Header{{Name: "Host", Value: r.Host}}, flow.Fields(r.Header)...)
}
