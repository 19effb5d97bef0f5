package proxy

import (
	"context"
	"io"
	"net"
	"sync/atomic"
	"time"

	"detour/internal/flow"
)

// A clientListener wraps the connections of clients in clientConns.
type clientListener struct {
	net.Listener
	p *Proxy
}

func (l clientListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		l.p.acceptFailed(err) // net/http tries again, and says so to nobody
		return nil, err
	}
	return &httpConn{Conn: &clientConn{Conn: c, p: l.p}}, nil
}

// A clientConn is the TCP connection of a client.
type clientConn struct {
	net.Conn
	p      *Proxy
	began  bool        // something was read; net/http reads in one goroutine at a time
	linger atomic.Bool // what the client still sends is read before the connection closes
}

// Read implements net.Conn. A client that doesn't speak HTTP is rejected.
func (c *clientConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if !c.began && n > 0 {
		c.began = true
		if f := foreignProtocolOf(b[:n]); f != nil {
			c.p.rejectForeign(c.Conn, f)
			c.linger.Store(true)
			return 0, io.EOF
		}
	}
	return n, err
}

// Close closes the connection. If the client may still be sending, it first discards what
// arrives until the client closes its end, for at most drainTime: a close with unread bytes
// resets the connection, and the client could lose the response (RFC 9112, 9.6).
func (c *clientConn) Close() error {
	if c.linger.Swap(false) && c.p.ctx.Err() == nil && closeWrite(c.Conn) == nil {
		_ = c.SetReadDeadline(time.Now().Add(drainTime))
		_, _ = io.Copy(io.Discard, c.Conn)
	}
	return c.Conn.Close()
}

// CloseWrite shuts down the writing side.
func (c *clientConn) CloseWrite() error { return closeWrite(c.Conn) }

// An httpConn is a connection on which net/http's server serves HTTP/1.1: a client's own
// one, or what was decrypted of it.
type httpConn struct {
	net.Conn
	tunnel *tunnelledConn             // nil outside a CONNECT
	status atomic.Pointer[statusLine] // nil: net/http's own
	begun  atomic.Pointer[exchange]   // of the first request, which net/http's server is about to read; may be nil
}

// Close closes the connection, and ends an exchange that nobody has adopted.
func (c *httpConn) Close() error {
	err := c.Conn.Close()
	if x := c.begun.Swap(nil); x != nil {
		defer x.p.work.Leave()
		x.update(func(f *flow.Flow) { f.Failure = stoppedFailure() })
		x.finish()
	}
	return err
}

// CloseWrite shuts down the writing side.
func (c *httpConn) CloseWrite() error { return closeWrite(c.Conn) }

// lingerOnClose makes the client's connection linger when it is closed.
func (c *httpConn) lingerOnClose() {
	below := c.Conn
	if c.tunnel != nil {
		below = c.tunnel.Conn
	}
	lingerOnClose(below)
}

// lingerOnClose makes a client's connection linger when it is closed.
func lingerOnClose(c net.Conn) {
	if p, ok := c.(*prefixedConn); ok {
		c = p.Conn
	}
	if client, ok := c.(*clientConn); ok {
		client.linger.Store(true)
	}
}

type httpConnKey struct{}

// withHTTPConn adds the connection to the context of its requests.
func withHTTPConn(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, httpConnKey{}, c)
}

// httpConnOf returns the connection of a request's context.
func httpConnOf(ctx context.Context) *httpConn {
	c, _ := ctx.Value(httpConnKey{}).(*httpConn)
	return c
}
