package dial

import (
	"io"
	"net"
	"sync/atomic"

	"detour/internal/flow"
)

// A Conn is a connection with the record of how it was made. It is as safe for
// concurrent use as the net.Conn under it.
type Conn struct {
	net.Conn
	info    *flow.Conn
	closed  atomic.Bool
	onClose atomic.Pointer[func()]
	ended   func(*Conn) // Request.Closed; may be nil
}

// Info returns the record of how the connection was made. It is shared; don't modify
// it.
func (c *Conn) Info() *flow.Conn { return c.info }

// InfoOf returns the record of a connection that [Dialer.Dial] returned, or of a
// wrapper around one that has a NetConn method, such as *tls.Conn. It returns nil
// for any other connection.
func InfoOf(c net.Conn) *flow.Conn {
	if own := FromNetConn(c); own != nil {
		return own.Info()
	}
	return nil
}

// FromNetConn returns the Conn that c is, or that it wraps in the way that [InfoOf]
// describes. It returns nil for any other connection.
func FromNetConn(c net.Conn) *Conn {
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

// OnClose registers f to be called when this side closes the connection; if it is
// already closed, OnClose calls f at once. f may be called more than once. It
// replaces an f registered before. stop unregisters f, unless it was replaced.
func (c *Conn) OnClose(f func()) (stop func()) {
	c.onClose.Store(&f)
	if c.closed.Load() {
		f()
	}
	return func() { c.onClose.CompareAndSwap(&f, nil) }
}

// Closed reports whether this side has closed the connection.
func (c *Conn) Closed() bool { return c.closed.Load() }

// Close implements net.Conn.
func (c *Conn) Close() error {
	if !c.closed.Swap(true) && c.ended != nil {
		c.ended(c)
	}
	if f := c.onClose.Load(); f != nil {
		(*f)()
	}
	return c.Conn.Close()
}

// CloseRead shuts down the reading side if the connection supports that, and else
// does nothing.
func (c *Conn) CloseRead() error {
	if h, ok := c.Conn.(interface{ CloseRead() error }); ok {
		return h.CloseRead()
	}
	return nil
}

// CloseWrite shuts down the writing side (over TCP, it sends a FIN) if the
// connection supports that, and else closes the connection.
func (c *Conn) CloseWrite() error {
	if h, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return h.CloseWrite()
	}
	return c.Close()
}

// ReadFrom implements io.ReaderFrom, so that the kernel can copy between sockets.
func (c *Conn) ReadFrom(r io.Reader) (int64, error) { return io.Copy(c.Conn, r) }

// WriteTo implements io.WriterTo, for the same reason.
func (c *Conn) WriteTo(w io.Writer) (int64, error) { return io.Copy(w, c.Conn) }
