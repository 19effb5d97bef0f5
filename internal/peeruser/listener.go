package peeruser

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// Listener returns l with the connections of other users refused: their first Read
// answers them, and they end. Each connection is looked up once, when it is accepted. A
// look-up that takes time doesn't delay other connections.
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
	guarded := &conn{Conn: c, guard: l.guard, looked: make(chan struct{})}
	if l.guard.finder.quick() {
		guarded.look() // at once: a program that leaves soon can't be looked up later
	} else {
		go guarded.look()
	}
	return guarded, nil
}

// A conn is a connection that is served only if its user passes. net.Conn is embedded, not
// *net.TCPConn, whose WriteTo would read all the same.
type conn struct {
	net.Conn
	guard  *Guard
	looked chan struct{} // closed once user and err are set
	user   user
	err    error
	once   sync.Once // of the answer to a refused connection
}

func (c *conn) look() {
	defer close(c.looked)
	c.user, c.err = c.guard.find(c.Conn)
}

// Read implements net.Conn. A refused connection ends.
func (c *conn) Read(b []byte) (int, error) {
	<-c.looked
	if c.err == nil && c.user.passes {
		return c.Conn.Read(b)
	}
	c.once.Do(c.refuse)
	return 0, io.EOF
}

// CloseWrite shuts down the writing side.
func (c *conn) CloseWrite() error {
	if h, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return h.CloseWrite()
	}
	return c.Close()
}

const (
	// answerTime limits how long a refused program may take to send its request and to
	// read the answer.
	answerTime = time.Second
	// leaveTime is how soon a program that has closed its end shows that.
	leaveTime = 50 * time.Millisecond
	// maxDiscard limits what is read of a refused request, so that the answer isn't lost by a
	// reset.
	maxDiscard = 64 << 10
)

// refuse sends a response that says why the connection is refused, which every HTTP client
// understands, whatever it asked. Nothing is told of a connection that asks nothing, as
// browsers make them ahead of time, or whose unknown program has left.
func (c *conn) refuse() {
	_ = c.SetDeadline(time.Now().Add(answerTime))
	b := make([]byte, 4<<10)
	if _, err := c.Conn.Read(b); err != nil || c.err != nil && c.left(b) {
		return
	}
	why := c.guard.refuse(endpoint(c.RemoteAddr()), c.user, c.err)
	text := "detour: " + why + "\nhint: " + hint + "\n"
	_, err := fmt.Fprintf(c.Conn, "HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain; charset=utf-8\r\n"+
		"Content-Length: %d\r\nConnection: close\r\n\r\n%s", len(text), text)
	if err == nil && c.CloseWrite() == nil {
		_, _ = io.CopyN(io.Discard, c.Conn, maxDiscard)
	}
}

// left reports whether the program has closed its end, soon after its request.
func (c *conn) left(b []byte) bool {
	_ = c.SetReadDeadline(time.Now().Add(leaveTime))
	_, err := c.Conn.Read(b)
	_ = c.SetReadDeadline(time.Now().Add(answerTime))
	return err != nil && !errors.Is(err, os.ErrDeadlineExceeded)
}
