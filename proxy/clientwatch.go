package proxy

import (
	"errors"
	"os"
	"sync"
	"time"
)

// watchAfter is how long an exchange lasts before it is noticed that its client has left. Most
// are over by then, and a watch costs a goroutine.
const watchAfter = 5 * time.Millisecond

// A clientWatch reads from the client's connection during an exchange, to notice its end. It
// reads one byte, which is the next request's if it comes.
type clientWatch struct {
	mu      sync.Mutex
	current *exchange   // nil between exchanges
	carrier *serverConn // that carries current; nil if none does
	started bool        // a goroutine reads, or has read
	ended   chan struct{}
	left    bool // the client has left, or the connection was aborted
	next    [1]byte
	got     int // bytes in next
}

// watchClient starts to watch the client of x if x lasts.
func (c *h1Conn) watchClient(x *exchange) {
	if c == nil || time.Since(x.f.Times.Start) < watchAfter {
		return
	}
	w := &c.watch
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.current != x || w.started || c.SetReadDeadline(time.Time{}) != nil {
		return
	}
	w.started = true
	go func() {
		defer func() { w.ended <- struct{}{} }()
		n, err := c.Read(w.next[:])
		if w.got = n; err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			c.abort()
		}
	}()
}

// begin begins an exchange, which may be watched from now on.
func (w *clientWatch) begin(x *exchange) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.current = x
}

// endWatch ends the current exchange.
func (c *h1Conn) endWatch() {
	w := &c.watch
	w.mu.Lock()
	w.current = nil
	started := w.started
	if started {
		_ = c.SetReadDeadline(past)
	}
	w.mu.Unlock()
	if !started {
		return
	}
	<-w.ended
	w.started = false
	c.deadline = time.Time{}
	c.in.add(w.next[:w.got])
	w.got = 0
}

// carry notes the connection to the server that carries the exchange, nil at its end. It
// returns an error if the client has left.
func (w *clientWatch) carry(s *serverConn) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.carrier = s; w.left {
		return errClientLeft
	}
	return nil
}

// errClientLeft is the error of an exchange whose client has left before the request was sent.
var errClientLeft = errors.New("the client has left")

// abort ends the current exchange, and the connection to the server that carries it.
func (c *h1Conn) abort() {
	c.cancel()
	w := &c.watch
	w.mu.Lock()
	defer w.mu.Unlock()
	w.left = true
	if w.carrier != nil {
		_ = w.carrier.dialed.Close()
	}
}
