package dial

import (
	"io"
	"net"
	"sync/atomic"

	"detour/internal/flow"
)

// A Conn is a connection that knows how it came to be.
type Conn struct {
	net.Conn
	info    *flow.Conn
	closed  atomic.Bool
	onClose atomic.Pointer[func()]
}

// Info is the record of the connection's making. It must not be written to.
func (c *Conn) Info() *flow.Conn { return c.info }

// InfoOf is the record of a connection that Dial returned, or of a *tls.Conn or
// the like over one; nil for any other.
func InfoOf(c net.Conn) *flow.Conn {
	if own := Of(c); own != nil {
		return own.Info()
	}
	return nil
}

// Of is the Conn that Dial returned, or that is under a *tls.Conn or the like;
// nil for any other.
func Of(c net.Conn) *Conn {
	for {
		switch over := c.(type) {
		case *Conn:
			return over
		case interface{ NetConn() net.Conn }:
			c = over.NetConn()
		default:
			return nil
		}
	}
}

// OnClose makes f be called once this side closes the connection, and at once if
// it has. f may be called more than once. There is one f at a time, the latest;
// stop takes it back.
func (c *Conn) OnClose(f func()) (stop func()) {
	c.onClose.Store(&f)
	if c.closed.Load() {
		f()
	}
	return func() { c.onClose.CompareAndSwap(&f, nil) }
}

// Close implements net.Conn.
func (c *Conn) Close() error {
	c.closed.Store(true)
	if f := c.onClose.Load(); f != nil {
		(*f)()
	}
	return c.Conn.Close()
}

// CloseRead shuts the reading side down, where the connection has sides.
func (c *Conn) CloseRead() error {
	if h, ok := c.Conn.(interface{ CloseRead() error }); ok {
		return h.CloseRead()
	}
	return nil
}

// CloseWrite sends FIN and leaves the reading side open, where the connection
// has sides; else it closes the connection.
func (c *Conn) CloseWrite() error {
	if h, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return h.CloseWrite()
	}
	return c.Close()
}

// ReadFrom lets the kernel copy from one socket to the other where it can.
func (c *Conn) ReadFrom(r io.Reader) (int64, error) { return io.Copy(c.Conn, r) }

// WriteTo is ReadFrom's counterpart.
func (c *Conn) WriteTo(w io.Writer) (int64, error) { return io.Copy(w, c.Conn) }
