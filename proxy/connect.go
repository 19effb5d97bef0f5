package proxy

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/elazarl/goproxy"

	"detour/internal/flow"
)

// established is the whole answer to a CONNECT that is granted (RFC 9110, 9.3.6).
const established = "HTTP/1.1 200 Connection established\r\n\r\n"

// connect takes over a client connection after its CONNECT.
func (p *Proxy) connect(r *http.Request, client net.Conn, _ *goproxy.ProxyCtx) {
	if !p.work.enter() {
		_ = client.Close()
		return
	}
	defer p.work.leave()
	authority := withPort(r.URL.Host, "https")
	if p.leadsToSelf(authority) || !p.cfg.Intercept(hostOf(authority)) {
		p.tunnel(r, client, authority)
		return
	}
	p.intercept(r, client, authority)
}

// intercept ends the client's TLS and hands the connection to the inner server.
func (p *Proxy) intercept(r *http.Request, client net.Conn, authority string) {
	start := time.Now()
	stop := context.AfterFunc(p.ctx, func() { _ = client.Close() })
	defer stop()
	_ = client.SetDeadline(start.Add(handshakeTimeout))
	if _, err := io.WriteString(client, established); err != nil {
		_ = client.Close()
		return
	}
	br := bufio.NewReaderSize(client, 0) // bufio's least, for a connection may idle for hours
	first, err := br.Peek(1)
	if err != nil { // opened ahead of need and not used
		_ = client.Close()
		return
	}
	t := &tunnelled{Conn: client, r: br, authority: authority, scheme: "http"}
	var conn net.Conn = t
	if first[0] == recordTypeHandshake {
		t.scheme = "https"
		tc := tls.Server(t, p.tlsConf)
		if err := tc.HandshakeContext(p.ctx); err != nil {
			p.refused(r, authority, start, err)
			_ = client.Close()
			return
		}
		conn = tc
	}
	_ = client.SetDeadline(time.Time{})
	if !p.streams.Give(conn) {
		_ = client.Close()
	}
}

// recordTypeHandshake begins every TLS connection (RFC 8446, 5.1).
const recordTypeHandshake = 22

// certificate picks the leaf for a client's hello: by SNI, or by the CONNECT's
// host for a client that sends none.
func (p *Proxy) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	name := hello.ServerName
	if t, ok := hello.Conn.(*tunnelled); ok && name == "" {
		name = hostOf(t.authority)
	}
	return p.cfg.Leaf(name)
}

// refused records a client that wouldn't have our certificate, so that the row
// says why its page stays empty.
func (p *Proxy) refused(r *http.Request, authority string, start time.Time, err error) {
	if !isAlert(err) {
		return // left without a word: browsers drop connections that they opened ahead of need
	}
	f := flow.Flow{
		ID: p.nextID(), Rev: 1, Source: flow.SourceProxy, State: flow.StateDone,
		Request: flow.Request{Method: http.MethodConnect, URL: authority, Proto: r.Proto, Headers: headers(r)},
		Failure: &flow.Failure{Stage: flow.StageClient, Message: "the client rejected detour's certificate: " + err.Error()},
		Times:   flow.Times{Start: start, Done: time.Now()},
	}
	p.cfg.Sink.Put(f)
}

// isAlert reports whether the other side said no in so many words.
func isAlert(err error) bool {
	var alert tls.AlertError
	var op *net.OpError
	return errors.As(err, &alert) || errors.As(err, &op) && op.Op == "remote error"
}

// tunnelled is a client connection behind a CONNECT. Reads go through r, which
// may hold bytes that came early.
type tunnelled struct {
	net.Conn
	r         *bufio.Reader
	authority string
	scheme    string
}

func (t *tunnelled) Read(b []byte) (int, error) { return t.r.Read(b) }

type tunnelledKey struct{}

// withTunnelled lets the inner server's requests know their CONNECT.
func withTunnelled(ctx context.Context, c net.Conn) context.Context {
	if tc, ok := c.(*tls.Conn); ok {
		c = tc.NetConn()
	}
	return context.WithValue(ctx, tunnelledKey{}, c)
}

func tunnelledOf(ctx context.Context) *tunnelled {
	return ctx.Value(tunnelledKey{}).(*tunnelled)
}
