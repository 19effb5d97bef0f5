package proxy

import (
	"errors"
	"net"
	"os"
	"time"

	"detour/internal/dial"
)

// A serverConn is a connection to a server that carries one HTTP/1.1 exchange at a time.
type serverConn struct {
	net.Conn
	dialed    *dial.Conn
	in        inbox
	answered  bool    // something of the current response was received
	upload    *upload // of the current request, if it is written while the response is awaited
	idleSince time.Time
	round     int // serverPool.round when its dial began
}

func newServerConn(c net.Conn, round int) *serverConn {
	return &serverConn{Conn: c, dialed: dial.FromNetConn(c), idleSince: time.Now(), round: round}
}

// past is a deadline that is over.
var past = time.Unix(1, 0)

// settleSession is how long a connection may take to give what it has received: TLS sessions
// to resume (RFC 8446, 4.6.1) come unasked.
const settleSession = time.Millisecond

// isSilent reports whether nothing can be read until the deadline, and the connection is open.
// What can be read then was sent without a request: the next request would get it as its
// response.
func (c *serverConn) isSilent(deadline time.Time) bool {
	if c.in.len() > 0 || c.SetReadDeadline(deadline) != nil {
		return false
	}
	var one [1]byte
	n, err := c.Read(one[:])
	silent := n == 0 && errors.Is(err, os.ErrDeadlineExceeded)
	return c.SetReadDeadline(time.Time{}) == nil && silent
}

// isUsable reports whether an idle connection can carry a request, as far as this side knows.
func (c *serverConn) isUsable() bool {
	if c.dialed.Closed() {
		return false
	}
	pending, known := c.dialed.Pending()
	return known && !pending || c.isSilent(time.Now().Add(settleSession))
}
