package serve

import (
	"net"
	"sync"
	"time"
)

// Limits on watchers, each of whom may be anybody who reaches the port.
const (
	maxWatchers = 200 // streams of events
	maxMatchers = 200 // streams of what a filter selects
	// maxConns also has room for the requests of watchers, and for some who are refused.
	maxConns = maxWatchers + maxMatchers + 112

	maxHeaderBytes    = 32 << 10 // a browser sends the cookies of every port of localhost
	readHeaderTimeout = 5 * time.Second
	// drainTimeout is how long a request that is refused may go on sending a body.
	drainTimeout = time.Second
	idleTimeout  = time.Minute
	// writeTimeout is how long a watcher may not read. Its browser connects again.
	writeTimeout = 20 * time.Second
	// endTimeout is how long a watcher may take to read why its stream ends.
	endTimeout = 500 * time.Millisecond
)

// A limited listener closes the connections that are too many at once.
type limited struct {
	net.Listener
	open places // one for each connection
}

func limit(l net.Listener, most int) net.Listener { return limited{l, newPlaces(most)} }

// Accept implements net.Listener.
func (l limited) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if l.open.take() {
			return &counted{Conn: c, done: sync.OnceFunc(l.open.free)}, nil
		}
		_ = c.Close()
	}
}

// A counted connection frees its place when it is closed.
type counted struct {
	net.Conn
	done func()
}

// Close implements net.Conn.
func (c *counted) Close() error {
	defer c.done()
	return c.Conn.Close()
}
