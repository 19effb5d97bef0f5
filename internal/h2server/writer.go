package h2server

import (
	"bytes"
	"net"
	"sync"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// A writer has the frames that are on their way to the client. Its fields are guarded by the
// connection's mu, which nobody holds while writing to the connection.
type writer struct {
	buf     bytes.Buffer  // frames to be written
	fr      *http2.Framer // writes to buf
	enc     *hpack.Encoder
	block   bytes.Buffer      // what enc has encoded
	lower   map[string]string // names in lower case
	control int               // bytes of buf that belong to no response

	taken   bytes.Buffer // frames that are being written
	writing bool         // by a goroutine, which alone uses taken
	due     sync.Cond    // of the writing goroutine: there is something to do
	room    sync.Cond    // of handlers: buf isn't full any more
	closing bool         // once buf is written, the writing side is shut down
	err     error        // why nothing more is written
	done    chan struct{}
}

// maxBuffered is how many bytes may wait to be written before handlers have to wait.
const maxBuffered = 32 << 10

func (w *writer) init(mu *sync.Mutex) {
	w.fr = http2.NewFramer(&w.buf, nil)
	w.enc = hpack.NewEncoder(&w.block)
	w.lower = make(map[string]string)
	w.due.L, w.room.L = mu, mu
	w.done = make(chan struct{})
}

// full reports whether a handler has to wait. mu is held.
func (w *writer) full() bool { return w.buf.Len() >= maxBuffered && w.err == nil }

// control adds frames that belong to no response, and has them written soon. mu is held.
func (c *Conn) control(write func(*http2.Framer)) {
	w := &c.out
	switch {
	case w.err != nil:
		return
	case w.control > maxControl:
		c.fail(errFlooded)
		return
	}
	before := w.buf.Len()
	write(w.fr)
	w.control += w.buf.Len() - before
	w.due.Signal()
}

// writeFrames is the writing goroutine. It writes what no handler does, until the end of the
// connection.
func (c *Conn) writeFrames() {
	w := &c.out
	defer close(w.done)
	c.mu.Lock()
	defer c.mu.Unlock()
	for !c.ended && w.err == nil {
		switch {
		case w.writing || w.buf.Len() == 0 && !w.closing:
			w.due.Wait()
		case w.buf.Len() > 0:
			c.flush()
		default:
			w.err = net.ErrClosed
			c.mu.Unlock()
			_ = c.conn.CloseWrite()
			_ = c.conn.SetReadDeadline(time.Now().Add(goAwayTimeout))
			c.mu.Lock()
		}
	}
}

// flush writes to the connection. mu is held, but not while it writes.
func (c *Conn) flush() {
	w := &c.out
	w.writing = true
	w.buf, w.taken = w.taken, w.buf
	w.control = 0
	w.room.Signal()
	c.mu.Unlock()
	_, err := c.conn.Write(w.taken.Bytes())
	c.mu.Lock()
	w.taken.Reset()
	if w.taken.Cap() > 4*maxBuffered {
		w.taken = bytes.Buffer{}
	}
	w.writing = false
	if err != nil {
		c.fail(err)
	}
}

// flushAll writes what is there, and some of what comes meanwhile. It doesn't wait if another
// goroutine writes. mu is held, but not while it writes.
func (c *Conn) flushAll() {
	w := &c.out
	for n := 0; n < maxFlushes && !w.writing && w.buf.Len() > 0 && w.err == nil; n++ {
		c.flush()
	}
	if w.buf.Len() > 0 || w.closing {
		w.due.Signal()
	}
}

// maxFlushes is how often a handler's goroutine writes before it leaves the rest to the writing
// goroutine.
const maxFlushes = 8

// fail ends the connection because nothing can be written to it. mu is held.
func (c *Conn) fail(err error) {
	if c.out.err == nil {
		c.out.err = err
	}
	c.out.room.Broadcast()
	c.waiting.Broadcast()
	c.out.due.Signal()
	c.Close()
}

// closeSoon ends the connection once everything is written, and the client has closed its end or
// hasn't in time. mu is held.
func (c *Conn) closeSoon() {
	if c.out.closing {
		return
	}
	c.out.closing = true
	c.out.due.Signal()
	_ = c.conn.SetWriteDeadline(time.Now().Add(closeTimeout))
}
