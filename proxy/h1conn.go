package proxy

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"sync/atomic"
	"time"
)

// An h1Conn is a client's decrypted connection that the proxy serves itself, without net/http,
// as long as its requests are plain ones of HTTP/1.1: see [h1Conn.isPlain]. At the first other
// one it hands the connection over to net/http's server, for good and with that request unread.
//
// One goroutine reads a request, sends it to the server, and forwards the response. net/http
// has three for that, which is most of what a short exchange costs.
type h1Conn struct {
	*tls.Conn
	p      *Proxy
	tunnel *tunnelledConn
	server string // the authority to connect to
	host   string // server as a URL has it
	ctx    context.Context
	cancel context.CancelFunc

	in        inbox
	idleBuf   [idleSize]byte // what in holds while the connection is idle
	deadline  time.Time      // of reads, as set for the idle connection; zero: it has another one
	afterPOST bool           // the previous request was a POST
	busy      atomic.Bool    // from a request's head to the end of its response

	watch clientWatch
}

// idleSize is what an idle connection reads into.
const idleSize = 1 << 10

func newH1Conn(p *Proxy, tc *tls.Conn, t *tunnelledConn) *h1Conn {
	c := &h1Conn{Conn: tc, p: p, tunnel: t, server: withPort(t.authority, t.scheme), host: trimDefaultPort(t.authority, t.scheme)}
	c.in.first = c.idleBuf[:]
	c.watch.ended = make(chan struct{}, 1)
	c.ctx, c.cancel = context.WithCancel(p.ctx)
	return c
}

// serve serves the connection until its end, or hands it over.
func (c *h1Conn) serve() {
	defer c.cancel()
	if !c.p.ownConns.add(c) {
		_ = c.Close()
		return
	}
	next := stay
	if c.p.pool.requiresHTTP2(c.server) {
		next = handOver
	}
	var begun *exchange
	returned := c.p.guard(func() {
		for next == stay {
			var r h1Request
			if next = c.readRequest(&r); next == stay {
				next, begun = c.exchange(&r)
			}
		}
	})
	if !returned {
		c.breakOff()
		next = end
	}
	c.p.ownConns.remove(c)
	if next == handOver {
		c.handOver(begun)
		return
	}
	c.in.release()
	_ = c.Close()
}

// A nextStep says what becomes of an h1Conn.
type nextStep int

const (
	stay     nextStep = iota
	handOver          // to net/http's server
	end
)

// handOver gives the connection to net/http's server, with what isn't used of its input. The
// first request of that may be one whose exchange has begun.
func (c *h1Conn) handOver(begun *exchange) {
	unread := bytes.Clone(c.in.bytes())
	c.in.release()
	_ = c.SetReadDeadline(time.Time{})
	h := &httpConn{Conn: &prefixedConn{Conn: c.Conn, r: io.MultiReader(bytes.NewReader(unread), c.Conn)}, tunnel: c.tunnel}
	h.begun.Store(begun)
	if !c.p.streams.Give(h) {
		_ = h.Close()
	}
}

// drain closes the connection if it is idle. If not, it ends after its exchange.
func (c *h1Conn) drain() {
	if !c.busy.Load() {
		_ = c.Close()
	}
}

// kill ends the connection, with its exchange.
func (c *h1Conn) kill() {
	c.abort()
	_ = c.tunnel.Close()
}
