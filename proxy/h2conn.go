package proxy

import (
	"context"
	"crypto/tls"
	"net/http"

	"detour/internal/h2server"
)

// An h2Conn is a client's decrypted connection with HTTP/2, see package h2server.
type h2Conn struct {
	*h2server.Conn
	p *Proxy
}

func newH2Conn(p *Proxy, tc *tls.Conn, t *tunnelledConn) *h2Conn {
	ctx := context.WithValue(p.ctx, httpConnKey{}, &httpConn{Conn: tc, tunnel: t})
	return &h2Conn{p: p, Conn: h2server.New(ctx, tc, h2server.Config{
		Handler: http.HandlerFunc(p.serveInner), MaxHeaderBytes: maxHeaderBytes, IdleTimeout: clientIdleTimeout, Log: p.cfg.Log, Guard: p.guard,
	})}
}

// serve serves the connection until its end.
func (c *h2Conn) serve() {
	if !c.p.ownConns.add(c) {
		c.Close()
		return
	}
	defer c.p.ownConns.remove(c)
	if !c.p.guard(c.Serve) {
		c.Close()
	}
}

// drain implements ownConn. A client that reads nothing holds up the GOAWAY.
func (c *h2Conn) drain() { c.p.background.Go(c.Drain) }

func (c *h2Conn) kill() { c.Close() }
