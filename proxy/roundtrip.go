package proxy

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptrace"
	"time"

	"github.com/elazarl/goproxy"

	"detour/internal/dial"
)

// Limits towards a server.
const (
	// idleTimeout is below the 60 s after which AWS's load balancers drop an idle
	// connection (ELB user guide), so that we are the one who closes.
	idleTimeout     = 45 * time.Second
	maxIdle         = 1024
	maxIdlePerHost  = 256 // net/http's 2 would dial anew for every burst of a page
	maxAnswerHeader = 1 << 20
	continueTimeout = time.Second
	pingAfter       = 30 * time.Second // of silence on an HTTP/2 connection
	pingTimeout     = 15 * time.Second
)

var errSelf = errors.New("the request leads back to detour itself")

// transport is the upstream side: net/http's pool over our dialer.
func (p *Proxy) transport() *http.Transport {
	return &http.Transport{
		DialContext: func(ctx context.Context, _, addr string) (net.Conn, error) {
			return p.dial(ctx, dial.Request{Authority: addr})
		},
		DialTLSContext: func(ctx context.Context, _, addr string) (net.Conn, error) {
			alpn := []string{"h2", "http/1.1"}
			if ctx.Value(oneOneKey{}) != nil {
				alpn = alpn[1:]
			}
			return p.dial(ctx, dial.Request{Authority: addr, TLS: true, ALPN: alpn})
		},
		ForceAttemptHTTP2:      true,
		DisableCompression:     true, // what the client asked for is what it gets
		MaxIdleConns:           maxIdle,
		MaxIdleConnsPerHost:    maxIdlePerHost,
		IdleConnTimeout:        idleTimeout,
		ExpectContinueTimeout:  continueTimeout,
		MaxResponseHeaderBytes: maxAnswerHeader,
		HTTP2:                  &http.HTTP2Config{SendPingTimeout: pingAfter, PingTimeout: pingTimeout},
	}
}

// oneOneKey marks a request that only HTTP/1.1 can carry: a WebSocket's. The
// transport keeps such connections apart, so the mark holds for all they carry.
type oneOneKey struct{}

// dial makes a connection for the transport, which calls it detached from the
// request that set it off. We tie the two again: nobody waits for the dial of a
// client that left.
func (p *Proxy) dial(ctx context.Context, req dial.Request) (net.Conn, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if x := exchangeOf(ctx); x != nil {
		req.Watch = x.progress
		defer context.AfterFunc(x.client, cancel)()
	}
	defer context.AfterFunc(p.ctx, cancel)()
	return p.cfg.Dialer.Dial(ctx, req)
}

// roundTrip sends one request and reports every step to its exchange.
func (p *Proxy) roundTrip(r *http.Request, _ *goproxy.ProxyCtx) (*http.Response, error) {
	x := exchangeOf(r.Context())
	if p.isSelf(withPort(r.URL.Host, r.URL.Scheme)) {
		return nil, errSelf
	}
	hints := &interim{w: x.w}
	defer hints.end()
	ctx := httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{
		GotConn:        func(info httptrace.GotConnInfo) { x.carried(dial.InfoOf(info.Conn)) },
		WroteRequest:   func(httptrace.WroteRequestInfo) { x.wrote() },
		Got1xxResponse: hints.forward,
	})
	if r.Header.Get("Upgrade") != "" {
		ctx = context.WithValue(ctx, oneOneKey{}, true)
	} else {
		removeHopByHop(r.Header)
	}
	if _, ok := r.Header["User-Agent"]; !ok {
		r.Header["User-Agent"] = nil // or net/http adds its own
	}
	if r.Body != nil && r.Body != http.NoBody {
		r.Body = &requestBody{ReadCloser: r.Body, x: x}
	}
	resp, err := p.tr.RoundTrip(r.WithContext(ctx))
	if err != nil {
		return nil, err
	}
	x.answered(resp)
	if resp.StatusCode != http.StatusSwitchingProtocols {
		removeHopByHop(resp.Header)
	}
	if len(resp.Trailer) > 0 && r.ProtoMajor == 1 {
		resp.Header.Del("Content-Length") // HTTP/1.1 has trailers with chunked coding only
	}
	for _, name := range []string{"Date", "Content-Type"} { // net/http would invent them
		if _, ok := resp.Header[name]; !ok {
			resp.Header[name] = nil
		}
	}
	resp.Body = x.responseBody(resp.Body)
	return resp, nil
}

// removeHopByHop takes out the fields that concern one connection only (RFC
// 9110, 7.6.1). HTTP/2 forbids them (RFC 9113, 8.2.2), and curl and Safari
// reject answers that have them.
func removeHopByHop(h http.Header) {
	for _, name := range []string{"Connection", "Keep-Alive", "Proxy-Connection", "Transfer-Encoding", "Upgrade"} {
		delete(h, name)
	}
}
