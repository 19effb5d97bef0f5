package proxy

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"detour/internal/dial"
	"detour/internal/h2client"
)

// Limits on connections to servers.
const (
	// idleTimeout is below the 60 s after which AWS's load balancers close an idle
	// connection (ELB user guide), so that the proxy closes it first.
	idleTimeout       = 45 * time.Second
	maxIdle           = 1024
	maxIdlePerHost    = 256 // with net/http's 2, every burst of requests would make new connections
	maxResponseHeader = 1 << 20
	continueTimeout   = time.Second
	pingAfter         = 30 * time.Second // without a frame on an HTTP/2 connection
	pingTimeout       = 15 * time.Second
	maxUnread         = 1 << 20 // bytes of an HTTP/2 stream whose client doesn't read
)

// upstream sends requests to servers, in the protocol version that the client uses with
// the proxy: a request over HTTP/1.1 is sent over HTTP/1.1, unless the server only
// supports HTTP/2.
type upstream struct {
	h1 *transport // for clients with HTTP/1.1, WebSockets included
	h2 *transport // for clients with HTTP/2
}

// A transport sends requests on the connections of an h2client.Pool, or else on those of
// net/http's HTTP/1.1, which makes all connections.
type transport struct {
	*h2client.Pool
	h1 *http.Transport
}

func (p *Proxy) newUpstream() *upstream {
	return &upstream{
		h1: p.transport(func(ctx context.Context, addr string) (net.Conn, error) {
			if x := exchangeOf(ctx); x != nil && x.http2 {
				return p.dialTLS(ctx, addr, "h2")
			}
			c, err := p.dialTLS(ctx, addr, "http/1.1")
			if requiresHTTP2(err) {
				return p.dialTLS(ctx, addr, "h2")
			}
			return c, err
		}),
		h2: p.transport(func(ctx context.Context, addr string) (net.Conn, error) {
			return p.dialTLS(ctx, addr, "h2", "http/1.1")
		}),
	}
}

// transport returns a transport that uses our dialer. The server's choice in ALPN decides between
// HTTP/1.1 and HTTP/2.
func (p *Proxy) transport(dialTLS func(ctx context.Context, addr string) (net.Conn, error)) *transport {
	h1 := &http.Transport{
		Proxy: p.plainProxy,
		DialContext: func(ctx context.Context, _, addr string) (net.Conn, error) {
			return p.dial(ctx, dial.Request{Authority: addr, Scheme: "http"})
		},
		DialTLSContext: func(ctx context.Context, _, addr string) (net.Conn, error) {
			return dialTLS(ctx, addr)
		},
		DisableCompression:     true, // the client's Accept-Encoding decides
		MaxIdleConns:           maxIdle,
		MaxIdleConnsPerHost:    maxIdlePerHost,
		IdleConnTimeout:        idleTimeout,
		ExpectContinueTimeout:  continueTimeout,
		MaxResponseHeaderBytes: maxResponseHeader,
	}
	pool := h2client.NewPool(h2client.Config{
		MaxHeaderBytes: maxResponseHeader, MaxUnread: maxUnread,
		IdleTimeout: idleTimeout, ContinueTimeout: continueTimeout, PingAfter: p.pingAfter, PingTimeout: p.pingTimeout,
		Guard: func(do func()) error {
			if p.guard(do) {
				return nil
			}
			return errFault
		},
	}, h1)
	h1.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{
		"h2": func(authority string, c *tls.Conn) http.RoundTripper { return pool.Add(authority, c) },
	}
	return &transport{pool, h1}
}

// close closes the idle connections. Those in use are closed after their exchanges.
func (t *transport) close() {
	t.Close()
	t.h1.CloseIdleConnections()
}

// plainProxy returns the upstream proxy that a plain request is sent to in absolute
// form. For all other requests the dialer opens a tunnel through the proxy.
func (p *Proxy) plainProxy(r *http.Request) (*url.URL, error) {
	if r.URL.Scheme != "http" {
		return nil, nil //nolint:nilnil // means none to net/http
	}
	via := p.cfg.Dialer.Via("http", withPort(r.URL.Host, "http"))
	if via == nil || !via.HTTP() {
		return nil, nil //nolint:nilnil // see above
	}
	return p.cfg.Dialer.PlainURL(via), nil
}

func (u *upstream) roundTrip(r *http.Request) (*http.Response, error) {
	if r.ProtoMajor > 1 {
		return u.h2.RoundTrip(r)
	}
	return u.h1.RoundTrip(r)
}

// send sends a request, and returns the response.
func (p *Proxy) send(r *http.Request) (*http.Response, error) {
	resp, err := p.up.Load().roundTrip(r)
	for range maxResend {
		if err == nil || !isStaleConn(r, err) {
			break
		}
		resp, err = p.up.Load().roundTrip(r)
	}
	return resp, err
}

// maxResend is how often a request is resent after it was sent on a dead connection.
// When a VPN connects or disconnects, all idle connections die at once.
const maxResend = 3

// isStaleConn reports whether a safe request failed because its idle connection was
// dead, and can be resent on another. net/http does that itself for HTTP/1.1.
func isStaleConn(r *http.Request, err error) bool {
	return isLost(err) && h2client.IsSafe(r.Method) && (r.Body == nil || r.Body == http.NoBody) && exchangeOf(r.Context()).canResend()
}

// isLost reports whether a connection that had been made ended.
func isLost(err error) bool {
	var de *dial.Error
	var op *net.OpError
	ended := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &op) && op.Op == "read"
	return ended && !errors.As(err, &de)
}

// closeIdle closes the idle connections.
func (u *upstream) closeIdle() {
	u.h1.close()
	u.h2.close()
}

// noALPN is in the error for the alert no_application_protocol (RFC 7301, 3.2).
// crypto/tls exports no type for a received alert.
const noALPN = "no application protocol"

// requiresHTTP2 reports whether a server rejected a handshake because it only offered
// HTTP/1.1.
func requiresHTTP2(err error) bool {
	var de *dial.Error
	return errors.As(err, &de) && strings.Contains(de.Error(), noALPN)
}

func (p *Proxy) dialTLS(ctx context.Context, addr string, alpn ...string) (net.Conn, error) {
	return p.dial(ctx, dial.Request{Authority: addr, TLS: true, ALPN: alpn})
}

// dial makes a connection for the transport, which doesn't cancel a dial with the
// request that caused it. So dial does: it stops when the client cancels. But it
// continues if another connection carries the request by now, as in a browser: its
// outcome is worth recording, and the next request may need the connection.
func (p *Proxy) dial(ctx context.Context, req dial.Request) (net.Conn, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(p.ctx, cancel)()
	if x := exchangeOf(ctx); x != nil {
		defer context.AfterFunc(x.client, func() {
			if !x.alreadyHasConn() {
				cancel()
			}
		})()
		if err := x.beginDial(ctx); err != nil {
			return nil, err
		}
		defer x.endDial()
		req.Watch, req.ToProxy = x.dialProgress, x.toProxy
	}
	req.Closed = p.servers.remove
	var c net.Conn
	err := errFault
	p.guard(func() { c, err = p.cfg.Dialer.Dial(ctx, req) })
	if err == nil {
		p.servers.add(dial.FromNetConn(c))
	}
	return c, err
}
