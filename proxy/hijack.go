package proxy

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
)

// A hijackKeeper keeps what the client sent in one packet with its CONNECT.
// goproxy hands the bare connection on and would lose it.
type bufferedHijacker struct{ http.ResponseWriter }

func (k bufferedHijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c, rw, err := http.NewResponseController(k.ResponseWriter).Hijack()
	if err != nil || rw.Reader.Buffered() == 0 {
		return c, rw, err
	}
	early, _ := rw.Peek(rw.Reader.Buffered()) // what is buffered can be peeked
	return &prefixedConn{Conn: c, r: io.MultiReader(bytes.NewReader(bytes.Clone(early)), c)}, rw, nil
}

// replayed is a connection whose first bytes were read already.
type prefixedConn struct {
	net.Conn
	r io.Reader
}

func (c *prefixedConn) Read(b []byte) (int, error) { return c.r.Read(b) }

// CloseWrite passes a half-close on.
func (c *prefixedConn) CloseWrite() error { return closeWrite(c.Conn) }

// closeWrite sends FIN if the connection supports it, or closes it.
func closeWrite(c net.Conn) error {
	if h, ok := c.(interface{ CloseWrite() error }); ok {
		return h.CloseWrite()
	}
	return c.Close()
}
