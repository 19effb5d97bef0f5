package proxy

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
)

// A hijackKeeper keeps the bytes that the client sent together with its CONNECT:
// goproxy uses the bare connection and would lose them.
type hijackKeeper struct{ http.ResponseWriter }

func (k hijackKeeper) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c, rw, err := http.NewResponseController(k.ResponseWriter).Hijack()
	if err != nil || rw.Reader.Buffered() == 0 {
		return c, rw, err
	}
	early, _ := rw.Peek(rw.Reader.Buffered()) // it never fails for buffered bytes
	return &replayed{Conn: c, r: io.MultiReader(bytes.NewReader(bytes.Clone(early)), c)}, rw, nil
}

// replayed is a connection whose first bytes are read from a buffer.
type replayed struct {
	net.Conn
	r io.Reader
}

func (c *replayed) Read(b []byte) (int, error) { return c.r.Read(b) }

// CloseWrite closes the connection for writing.
func (c *replayed) CloseWrite() error { return closeWrite(c.Conn) }

// closeWrite sends FIN if the connection supports it, or closes it.
func closeWrite(c net.Conn) error {
	if h, ok := c.(interface{ CloseWrite() error }); ok {
		return h.CloseWrite()
	}
	return c.Close()
}
