package proxy

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"detour/internal/dial"
)

// Limits for connections to servers.
const (
	// idleTimeout is below the 60 s after which AWS's load balancers drop an idle
	// connection (ELB user guide), so that we are the one who closes.
	idleTimeout       = 45 * time.Second
	maxIdle           = 1024
	maxIdlePerHost    = 256 // net/http's 2 would dial anew for every burst of a page
	maxResponseHeader = 1 << 20
	continueTimeout   = time.Second
	pingAfter         = 30 * time.Second // of silence on an HTTP/2 connection
	pingTimeout       = 15 * time.Second
	maxUnread         = 1 << 20 // of an HTTP/2 stream whose client doesn't read; net/http's own is four times that
)

// upstream makes requests to servers, in the protocol that the client uses with
// detour: a request over HTTP/1.1 is sent over HTTP/1.1, unless the server refuses it.
type upstream struct {
	h1 *http.Transport // for clients with HTTP/1.1, WebSockets included
	h2 *http.Transport // for clients with HTTP/2
}

func (p *Proxy) newUpstream() upstream {
	return upstream{
		h1: p.transport(func(ctx context.Context, addr string) (net.Conn, error) {
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

// transport is net/http's pool over our dialer.
func (p *Proxy) transport(dialTLS func(ctx context.Context, addr string) (net.Conn, error)) *http.Transport {
	return &http.Transport{
		Proxy: p.plainProxy,
		DialContext: func(ctx context.Context, _, addr string) (net.Conn, error) {
			return p.dial(ctx, dial.Request{Authority: addr, Scheme: "http"})
		},
		DialTLSContext: func(ctx context.Context, _, addr string) (net.Conn, error) {
			return dialTLS(ctx, addr)
		},
		ForceAttemptHTTP2:      true,
		DisableCompression:     true, // the client gets the coding that it asked for
		MaxIdleConns:           maxIdle,
		MaxIdleConnsPerHost:    maxIdlePerHost,
		IdleConnTimeout:        idleTimeout,
		ExpectContinueTimeout:  continueTimeout,
		MaxResponseHeaderBytes: maxResponseHeader,
		HTTP2: &http.HTTP2Config{
			SendPingTimeout: pingAfter, PingTimeout: pingTimeout,
			MaxReceiveBufferPerStream: maxUnread,
		},
	}
}

// plainProxy returns the upstream proxy that a plain request is sent to as a whole. For
// all others, the dialer makes the proxy connect.
func (p *Proxy) plainProxy(r *http.Request) (*url.URL, error) {
	if r.URL.Scheme != "http" {
		return nil, nil //nolint:nilnil // net/http: no proxy
	}
	via := p.cfg.Dialer.Via("http", withPort(r.URL.Host, "http"))
	if via == nil || !via.HTTP() {
		return nil, nil //nolint:nilnil // no proxy
	}
	return via.URL(), nil
}

// RoundTrip implements http.RoundTripper.
func (u upstream) RoundTrip(r *http.Request) (*http.Response, error) {
	t := u.h1
	if r.ProtoMajor > 1 {
		t = u.h2
	}
	resp, err := t.RoundTrip(r)
	for range maxResend {
		if err == nil || !isStaleConn(r, err) {
			break
		}
		resp, err = t.RoundTrip(r)
	}
	return resp, err
}

// maxResend is how often a request is sent again after a dead connection: when a VPN
// connects or disconnects, all idle connections are dead.
const maxResend = 3

// wasStale reports whether a safe request died with a connection that had been
// idle, and should go out on another. net/http does so itself for HTTP/1.1.
func isStaleConn(r *http.Request, err error) bool {
	var de *dial.Error
	var op *net.OpError
	lost := !errors.As(err, &de) && (errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &op) && op.Op == "read")
	safe := r.Method == http.MethodGet || r.Method == http.MethodHead || r.Method == http.MethodOptions
	return lost && safe && (r.Body == nil || r.Body == http.NoBody) && exchangeOf(r.Context()).canResend()
}

// closeIdle closes the connections that no request uses.
func (u upstream) closeIdle() {
	u.h1.CloseIdleConnections()
	u.h2.CloseIdleConnections()
}

// refusesOne reports whether a server refused a handshake because HTTP/1.1 alone
// was offered: no_application_protocol (RFC 7301, 3.2). crypto/tls has no
// exported type for an alert that was received.
func requiresHTTP2(err error) bool {
	var de *dial.Error
	return errors.As(err, &de) && strings.Contains(de.Error(), noALPN)
}

func (p *Proxy) dialTLS(ctx context.Context, addr string, alpn ...string) (net.Conn, error) {
	return p.dial(ctx, dial.Request{Authority: addr, TLS: true, ALPN: alpn})
}

// dial makes a connection for the transport, which calls it with a context that doesn't
// end with the request. dial ends with the client all the same, unless another
// connection carries the request: then it continues, as in a browser, because its
// outcome is evidence and the next request may use the connection.
func (p *Proxy) dial(ctx context.Context, req dial.Request) (net.Conn, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if x := exchangeOf(ctx); x != nil {
		req.Watch, req.ToProxy = x.dialProgress, x.toProxy
		defer context.AfterFunc(x.client, func() {
			if !x.alreadyHasConn() {
				cancel()
			}
		})()
	}
	defer context.AfterFunc(p.ctx, cancel)()
	return p.cfg.Dialer.Dial(ctx, req)
}
