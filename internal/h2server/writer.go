package h2server

import (
	"bytes"
	"net"
	"sync"
	"sync/atomic"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// A writer writes frames to the client. Those of responses are written under its lock by the
// goroutines of the handlers. The others, which the reading goroutine causes, wait for whoever
// has the lock, so that the connection is read even while the client reads nothing.
type writer struct {
	conn Transport

	mu    sync.Mutex
	buf   bytes.Buffer // frames to be written
	fr    *http2.Framer
	enc   *hpack.Encoder
	block bytes.Buffer      // what enc has encoded
	lower map[string]string // names in lower case
	due   bool              // buf is to be written by whoever unlocks
	next  atomic.Int32      // goroutines that wait for the lock
	err   error

	cmu     sync.Mutex
	queued  bytes.Buffer // frames of control
	cfr     *http2.Framer
	pending atomic.Bool  // something is queued, or closing was set
	flooded atomic.Bool  // more was to be queued than may be
	closing atomic.Bool  // no more is to be written
	table   atomic.Int64 // the new size of the client's table for enc; -1: unchanged
}

func (w *writer) init(c Transport) {
	w.conn = c
	w.fr = http2.NewFramer(&w.buf, nil)
	w.cfr = http2.NewFramer(&w.queued, nil)
	w.enc = hpack.NewEncoder(&w.block)
	w.lower = make(map[string]string)
	w.table.Store(-1)
}

// lock begins to write frames of a stream.
func (w *writer) lock() {
	w.next.Add(1)
	w.mu.Lock()
	w.next.Add(-1)
}

// maxBuffered is how many bytes of frames may wait for those of other streams, to be written
// together.
const maxBuffered = 32 << 10

// unlock ends lock. What was written since the last flush goes to the client if flush is set,
// unless another goroutine is about to add to it.
func (w *writer) unlock(flush bool) {
	w.due = w.due || flush
	for {
		w.takeQueued()
		if w.due && (w.next.Load() == 0 || w.buf.Len() >= maxBuffered) {
			w.flush()
		}
		w.mu.Unlock()
		if !w.pending.Load() || !w.mu.TryLock() {
			return
		}
	}
}

// takeQueued adds the frames of control to the others. mu is held.
func (w *writer) takeQueued() {
	if !w.pending.Load() {
		return
	}
	w.cmu.Lock()
	defer w.cmu.Unlock()
	_, _ = w.queued.WriteTo(&w.buf) // can't fail
	w.pending.Store(false)
	w.due = true
}

// flush writes to the connection. mu is held.
func (w *writer) flush() {
	w.due = false
	if w.err == nil && w.buf.Len() > 0 {
		_, w.err = w.conn.Write(w.buf.Bytes())
	}
	w.buf.Reset()
	if w.buf.Cap() > 4*maxBuffered {
		w.buf = bytes.Buffer{}
	}
	if w.closing.Load() && !w.pending.Load() && w.err == nil { // what is queued was queued before
		_ = w.conn.CloseWrite()
		w.err = net.ErrClosed
	}
}

// control writes frames that belong to no response. It doesn't wait for a goroutine that
// writes one.
func (w *writer) control(write func(*http2.Framer)) {
	w.cmu.Lock()
	if w.queued.Len() > maxControl {
		w.flooded.Store(true)
	} else {
		write(w.cfr)
	}
	w.pending.Store(true)
	w.cmu.Unlock()
	if w.mu.TryLock() {
		w.unlock(true)
	}
}

// closeWrite shuts down the writing side once everything is written.
func (w *writer) closeWrite() {
	w.closing.Store(true)
	w.control(func(*http2.Framer) {})
}
