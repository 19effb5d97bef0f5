package proxy

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
)

// bufferedHijacker preserves bytes that the client sent together with its CONNECT.
// goproxy passes on the bare connection and would lose them.
type bufferedHijacker struct{ http.ResponseWriter }

func (k bufferedHijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c, rw, err := http.NewResponseController(k.ResponseWriter).Hijack()
	if h, ok := c.(*httpConn); ok {
		c = h.Conn // what follows isn't HTTP
	}
	if err != nil || rw.Reader.Buffered() == 0 {
		return c, rw, err
	}
	early, _ := rw.Peek(rw.Reader.Buffered()) // can't fail
	return &prefixedConn{Conn: c, r: io.MultiReader(bytes.NewReader(bytes.Clone(early)), c)}, rw, nil
}

// prefixedConn is a connection whose first bytes have already been read.
type prefixedConn struct {
	net.Conn
	r io.Reader
}

func (c *prefixedConn) Read(b []byte) (int, error) { return c.r.Read(b) }

// CloseWrite shuts down the writing side, see closeWrite.
func (c *prefixedConn) CloseWrite() error { return closeWrite(c.Conn) }

// closeWrite shuts down the writing side of c, or closes a connection that can't.
func closeWrite(c net.Conn) error {
	if h, ok := c.(interface{ CloseWrite() error }); ok {
		return h.CloseWrite()
	}
	return c.Close()
}
