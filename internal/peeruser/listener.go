package peeruser

import (
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// Listener returns l with the connections of other users refused. The look-up is made by
// the first Read, so it doesn't delay other connections.
func (g *Guard) Listener(l net.Listener) net.Listener { return listener{l, g} }

type listener struct {
	net.Listener
	guard *Guard
}

// Accept implements net.Listener.
func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &conn{Conn: c, guard: l.guard}, nil
}

// A conn is a connection whose user is looked up when it is first read. net.Conn is
// embedded, not *net.TCPConn, whose WriteTo would read without that.
type conn struct {
	net.Conn
	guard   *Guard
	once    sync.Once
	refused bool
}

// Read implements net.Conn. A refused connection ends.
func (c *conn) Read(b []byte) (int, error) {
	c.once.Do(func() {
		if why := c.guard.admit(c.Conn); why != "" {
			c.refused = true
			c.answer(why)
		}
	})
	if c.refused {
		return 0, io.EOF
	}
	return c.Conn.Read(b)
}

// CloseWrite shuts down the writing side.
func (c *conn) CloseWrite() error {
	if h, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return h.CloseWrite()
	}
	return c.Conn.Close()
}

const (
	// answerTime limits how long a refused program may take to send its request and to
	// read the answer.
	answerTime = time.Second
	// maxDiscard limits what is read of a refused request, so that the answer isn't lost by a
	// reset.
	maxDiscard = 64 << 10
)

// answer sends a response that says why the connection is refused, which every HTTP client
// understands, whatever it asked.
func (c *conn) answer(why string) {
	_ = c.SetDeadline(time.Now().Add(answerTime))
	if _, err := c.Conn.Read(make([]byte, 4<<10)); err != nil {
		return
	}
	text := "detour: " + why + "\nhint: " + hint + "\n"
	_, err := fmt.Fprintf(c.Conn, "HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain; charset=utf-8\r\n"+
		"Content-Length: %d\r\nConnection: close\r\n\r\n%s", len(text), text)
	if err == nil && c.CloseWrite() == nil {
		_, _ = io.CopyN(io.Discard, c.Conn, maxDiscard)
	}
}
