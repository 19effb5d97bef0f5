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
	p       *Proxy
	client  context.Context     // ends when the client leaves or its handler returns
	w       http.ResponseWriter // to the client
	hints   interim
	body    *requestBody // nil if the request has none; set under mu
	answer  beginning    // of the response body; used by the handler's goroutine
	toProxy bool         // the whole request goes to an upstream proxy

	sent, received atomic.Int64 // bytes of the bodies

	mu      sync.Mutex
	f       flow.Flow
	news    bool          // the flow has changed since it was published
	over    bool          // the final revision is published
	asked   bool          // the flow has the request's body
	dials   []*flow.Conn  // the connections that this exchange started to dial
	got     bool          // it has a connection
	talk    *conversation // a WebSocket's
	readErr error         // the response body ended early
	sendErr error         // the response couldn't be sent to the client
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
	x.begin()
	if r.ProtoMajor == 1 {
		// Without it, net/http reads the rest of the request before it writes an early
		// response, and an upload to a server that responds early hangs.
		_ = http.NewResponseController(w).EnableFullDuplex()
	}
	keepPath(r)
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
	p.gp.ServeHTTP(sw, r.WithContext(x.traced(r.Context())))
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
	x.news = true
}

// progress records news of a dial that this exchange started.
func (x *exchange) progress(c *flow.Conn) {
	x.update(func(f *flow.Flow) {
		at := slices.IndexFunc(x.dials, func(d *flow.Conn) bool { return d.ID == c.ID })
		if at < 0 {
			x.dials = append(x.dials, c)
		} else {
			x.dials[at] = c
		}
		if !x.got {
			f.Conn, f.State = c, stateOf(c)
		}
		f.Unused = x.unused(f.Conn)
	})
}

// unused returns the connections that this exchange started to dial and doesn't use.
func (x *exchange) unused(carrier *flow.Conn) (out []*flow.Conn) {
	for _, d := range x.dials {
		if carrier == nil || d.ID != carrier.ID {
			out = append(out, d)
		}
	}
	return out
}

// ownDial reports whether this exchange started to dial c.
func (x *exchange) ownDial(c *flow.Conn) bool {
	return slices.ContainsFunc(x.dials, func(d *flow.Conn) bool { return d.ID == c.ID })
}

// stateOf returns the state of a flow whose connection is being made.
func stateOf(c *flow.Conn) flow.State {
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

// carried records the connection that the request is sent on.
func (x *exchange) carried(c *flow.Conn) {
	x.update(func(f *flow.Flow) {
		x.got = true
		f.Conn, f.Reused, f.State = c, c != nil && !x.ownDial(c), flow.StateWaiting
		f.Unused = x.unused(c)
		f.Times.GotConn = time.Now()
	})
}

func (x *exchange) carriedAlready() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.got
}

// mayResend reports whether the request was sent on a reused connection, and the
// client is still waiting and has received nothing.
func (x *exchange) mayResend() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.f.Reused && x.client.Err() == nil && !x.hints.any()
}

// wrote records that the request was sent, or not completely.
func (x *exchange) wrote(err error) {
	if err != nil {
		return // the round trip returns it
	}
	x.update(func(f *flow.Flow) { f.Times.WroteRequest = time.Now() })
}

// broken records the error that ended the response early.
func (x *exchange) broken(err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.readErr == nil {
		x.readErr = err
	}
}

// unsent records the error of sending the response to the client.
func (x *exchange) unsent(err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.sendErr == nil {
		x.sendErr = err
	}
}

// answered records the response's header.
func (x *exchange) answered(resp *http.Response) {
	x.update(func(f *flow.Flow) {
		f.State = flow.StateReceiving
		f.Response = &flow.Response{Status: resp.StatusCode, Proto: resp.Proto, Headers: flow.Fields(resp.Header)}
		f.Times.FirstByte = time.Now()
		if resp.StatusCode != http.StatusSwitchingProtocols {
			x.answer.limit = x.p.wants(f)
		}
	})
}

func (x *exchange) isAnswered() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.f.Response != nil
}

// failed records the error of the round trip and returns its stage.
func (x *exchange) failed(err error) flow.Stage {
	var de *dial.Error
	fail := &flow.Failure{Stage: flow.StageWait, Message: reason(err), Plaintext: errors.Is(err, dial.ErrPlaintext), Reset: dial.IsReset(err)}
	x.update(func(f *flow.Flow) {
		switch {
		case errors.As(err, &de):
			fail.Stage = de.Stage
			f.Conn = de.Info
			f.Reused = false
		case errors.Is(err, errSelf):
			fail.Stage = flow.StageProxy
		case f.Times.WroteRequest.IsZero():
			fail.Stage = flow.StageSend
		}
		// A stop ends the dial before or after it ends the client's context.
		stopped := x.p.ctx.Err() != nil && errors.Is(err, context.Canceled)
		if (x.client.Err() != nil || stopped) && !errors.Is(err, errSelf) && !x.body.wasCut() {
			*fail = flow.Failure{Stage: flow.StageClient, Message: x.leftMessage()}
		}
		f.Failure = fail
	})
	return fail.Stage
}

// leftMessage says who ended the exchange early.
func (x *exchange) leftMessage() string {
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
		if r := f.Response; r != nil && x.answer.limit > 0 {
			whole := *r // the published one must not change
			whole.Body, whole.BodyTruncated = x.p.decoded(r.Headers, x.answer.bytes, x.answer.cut || x.readErr != nil)
			f.Response = &whole
		}
		switch {
		case f.Failure != nil:
		case x.readErr != nil && x.client.Err() == nil:
			f.Failure = &flow.Failure{Stage: flow.StageReceive, Message: reason(x.readErr), Reset: dial.IsReset(x.readErr)}
		case x.sendErr != nil || x.readErr != nil:
			f.Failure = &flow.Failure{Stage: flow.StageClient, Message: x.leftMessage()}
		}
	})
	x.p.live.leave(x)
	x.publish()
}

// reason returns the message of an error.
func reason(err error) string {
	// net.ErrClosed: the reader saw the end first, and the transport closed the
	// connection while the request was being written.
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

// keepPath keeps the URL's path as it was received: net/url would escape some bytes
// again, and a signature over the path would no longer match.
func keepPath(r *http.Request) {
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
