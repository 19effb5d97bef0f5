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
	// idleTimeout is below the 60 s after which AWS's load balancers close an idle
	// connection (ELB user guide), so that detour closes first.
	idleTimeout     = 45 * time.Second
	maxIdle         = 1024
	maxIdlePerHost  = 256 // with net/http's 2, every burst of a page would need new connections
	maxAnswerHeader = 1 << 20
	continueTimeout = time.Second
	pingAfter       = 30 * time.Second // of silence on an HTTP/2 connection
	pingTimeout     = 15 * time.Second
	maxUnread       = 1 << 20 // of an HTTP/2 stream whose client doesn't read; net/http's default is 4 MiB
)

// upstream makes requests to servers, in the protocol that the client uses with
// detour: a request over HTTP/1.1 is sent over HTTP/1.1, unless the server refuses it.
type upstream struct {
	one *http.Transport // for clients with HTTP/1.1, WebSockets included
	two *http.Transport // for clients with HTTP/2
}

func (p *Proxy) newUpstream() upstream {
	return upstream{
		one: p.transport(func(ctx context.Context, addr string) (net.Conn, error) {
			c, err := p.dialTLS(ctx, addr, "http/1.1")
			if refusesOne(err) {
				return p.dialTLS(ctx, addr, "h2")
			}
			return c, err
		}),
		two: p.transport(func(ctx context.Context, addr string) (net.Conn, error) {
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
		MaxResponseHeaderBytes: maxAnswerHeader,
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
	t := u.one
	if r.ProtoMajor > 1 {
		t = u.two
	}
	resp, err := t.RoundTrip(r)
	for range maxResend {
		if err == nil || !wasStale(r, err) {
			break
		}
		resp, err = t.RoundTrip(r)
	}
	return resp, err
}

// maxResend is how often a request is sent again after a dead connection: when a VPN
// connects or disconnects, all idle connections are dead.
const maxResend = 3

// wasStale reports whether a safe request failed because its idle connection was dead,
// and should be sent on another. For HTTP/1.1, net/http does that itself.
func wasStale(r *http.Request, err error) bool {
	var de *dial.Error
	var op *net.OpError
	lost := !errors.As(err, &de) && (errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &op) && op.Op == "read")
	safe := r.Method == http.MethodGet || r.Method == http.MethodHead || r.Method == http.MethodOptions
	return lost && safe && (r.Body == nil || r.Body == http.NoBody) && exchangeOf(r.Context()).mayResend()
}

// closeIdle closes the connections that no request uses.
func (u upstream) closeIdle() {
	u.one.CloseIdleConnections()
	u.two.CloseIdleConnections()
}

// noALPN is crypto/tls's text for the alert no_application_protocol (RFC 7301, 3.2). It
// exports no type for an alert that was received.
const noALPN = "no application protocol"

// refusesOne reports whether a server refused a handshake that offered HTTP/1.1 only.
func refusesOne(err error) bool {
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
		req.Watch, req.ToProxy = x.progress, x.toProxy
		defer context.AfterFunc(x.client, func() {
			if !x.carriedAlready() {
				cancel()
			}
		})()
	}
	defer context.AfterFunc(p.ctx, cancel)()
	return p.cfg.Dialer.Dial(ctx, req)
}
