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

// connectEstablished is the response to a successful CONNECT (RFC 9110, 9.3.6).
const connectEstablished = "HTTP/1.1 200 Connection established\r\n\r\n"

// connect handles a client connection after its CONNECT.
func (p *Proxy) connect(r *http.Request, client net.Conn, _ *goproxy.ProxyCtx) {
	if !p.work.Enter() {
		_ = client.Close()
		return
	}
	defer p.work.Leave()
	authority := withPort(r.URL.Host, "https")
	if p.leadsToSelf(authority) || !p.cfg.Intercept(hostOf(authority)) {
		p.tunnel(r, client, authority)
		return
	}
	p.intercept(r, client, authority)
}

// intercept terminates the client's TLS, if it speaks TLS, and hands the connection
// to the inner server. What is neither TLS nor HTTP, such as SSH, is tunnelled.
func (p *Proxy) intercept(r *http.Request, client net.Conn, authority string) {
	start := time.Now()
	stop := context.AfterFunc(p.ctx, func() { _ = client.Close() })
	defer stop()
	_ = client.SetDeadline(start.Add(handshakeTimeout))
	if _, err := io.WriteString(client, connectEstablished); err != nil {
		_ = client.Close()
		return
	}
	br := bufio.NewReaderSize(client, 0) // bufio's minimum: a connection may be idle for hours
	first, err := br.Peek(1)
	if err != nil { // a connection that the browser opened in advance and didn't use
		_ = client.Close()
		return
	}
	early, _ := br.Peek(br.Buffered()) // can't fail
	if first[0] != recordTypeHandshake && foreignProtocolOf(early) != nil {
		_ = client.SetDeadline(time.Time{})
		p.relayTunnel(r, &prefixedConn{Conn: client, r: br}, authority, true)
		return
	}
	t := &tunnelledConn{Conn: client, r: br, authority: authority, scheme: "http"}
	if first[0] == recordTypeHandshake {
		t.scheme = "https"
		tc := tls.Server(t, p.tlsConf)
		if err := tc.HandshakeContext(p.ctx); err != nil {
			p.recordRejection(r, authority, start, err)
			_ = client.Close()
			return
		}
		_ = client.SetDeadline(time.Time{})
		if tc.ConnectionState().NegotiatedProtocol == "h2" {
			p.background.Go(newH2Conn(p, tc, t).serve)
		} else {
			p.background.Go(newH1Conn(p, tc, t).serve)
		}
		return
	}
	_ = client.SetDeadline(time.Time{})
	if !p.streams.Give(&httpConn{Conn: t, tunnel: t}) {
		_ = client.Close()
	}
}

// recordTypeHandshake is the first byte of a TLS connection (RFC 8446, 5.1).
const recordTypeHandshake = 22

// certificate returns the leaf for a ClientHello: for its SNI or, without one, for
// the CONNECT's host.
func (p *Proxy) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	name := hello.ServerName
	if t, ok := hello.Conn.(*tunnelledConn); ok && name == "" {
		name = hostOf(t.authority)
	}
	return p.cfg.Leaf(name)
}

// recordRejection records that a client rejected our certificate, which leaves its
// page empty.
func (p *Proxy) recordRejection(r *http.Request, authority string, start time.Time, err error) {
	if !isAlert(err) {
		return // browsers close connections that they opened in advance and don't need
	}
	f := flow.Flow{
		ID: p.nextID(), Rev: 1, Source: flow.SourceProxy, State: flow.StateDone,
		Request: flow.Request{Method: http.MethodConnect, URL: authority, Proto: r.Proto, Headers: headers(r)},
		Failure: &flow.Failure{Stage: flow.StageClient, Message: "the client rejected detour's certificate: " + err.Error()},
		Times:   flow.Times{Start: start, Done: time.Now()},
	}
	p.put(&f)
}

// isAlert reports whether the handshake failed because the client sent an alert.
func isAlert(err error) bool {
	var alert tls.AlertError
	var op *net.OpError
	return errors.As(err, &alert) || errors.As(err, &op) && op.Op == "remote error"
}

// tunnelledConn is a client connection after its CONNECT. Reads go through r, which may
// have bytes buffered.
type tunnelledConn struct {
	net.Conn
	r         *bufio.Reader
	authority string
	scheme    string
}

func (t *tunnelledConn) Read(b []byte) (int, error) { return t.r.Read(b) }
