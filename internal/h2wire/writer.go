package h2wire

import (
	"bytes"
	"errors"
	"io"
	"math"
	"net"
	"sync"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// A Writer has the frames that are on their way to the peer. All its methods need the connection's
// lock, which nobody holds while writing to the connection. Call [Writer.Init] before anything else.
type Writer struct {
	Frames *http2.Framer // writes to the buffer
	Err    error         // why nothing more is written
	Wrote  func()        // called with the lock held when Done has grown; may be nil

	conn   io.Writer
	failed func(error) // called with the lock held

	buf     bytes.Buffer // frames to be written
	enc     *hpack.Encoder
	block   bytes.Buffer      // what enc has encoded
	lower   map[string]string // names in lower case
	control int               // bytes of buf that belong to no message
	written int64             // bytes that were handed to conn
	done    int64             // bytes that conn has taken

	taken    bytes.Buffer // frames that are being written
	writing  bool         // by a goroutine, which alone uses taken
	due      sync.Cond    // of Run: there is something to do
	room     sync.Cond    // of those that WaitForRoom
	closing  bool         // Run returns once buf is written
	stopped  bool         // Run returns
	finished chan struct{}
}

// maxBuffered is how many bytes may wait to be written before messages have to wait.
const maxBuffered = 32 << 10

// Init prepares w to write to c. mu is the connection's lock. failed is called with the lock held
// when the connection has to end: c failed, or the peer doesn't read what it asks for.
func (w *Writer) Init(mu *sync.Mutex, c io.Writer, failed func(error)) {
	w.conn, w.failed = c, failed
	w.Frames = http2.NewFramer(&w.buf, nil)
	w.enc = hpack.NewEncoder(&w.block)
	w.lower = make(map[string]string)
	w.due.L, w.room.L = mu, mu
	w.finished = make(chan struct{})
}

// ErrFlooded is the error of a connection whose peer doesn't read the answers to its frames.
var ErrFlooded = errors.New("the peer doesn't read the answers to its frames")

// IsFull reports whether a message has to wait.
func (w *Writer) IsFull() bool { return w.buf.Len() >= maxBuffered && w.Err == nil }

// WaitForRoom waits until the buffer isn't full, or someone calls [Writer.WakeAll].
func (w *Writer) WaitForRoom() {
	w.room.Wait()
	if !w.IsFull() {
		w.room.Signal() // there may be room for another, too
	}
}

// WakeAll wakes those that wait for room.
func (w *Writer) WakeAll() { w.room.Broadcast() }

// Buffered returns how many bytes wait to be written, and how many of these belong to no message.
func (w *Writer) Buffered() (all, control int) { return w.buf.Len(), w.control }

// Written returns how many bytes were written, or are being written.
func (w *Writer) Written() int64 { return w.written }

// Done returns how many bytes were written.
func (w *Writer) Done() int64 { return w.done }

// Control adds frames that belong to no message, and has them written soon.
func (w *Writer) Control(write func(*http2.Framer)) {
	switch {
	case w.Err != nil:
		return
	case w.control > MaxControl:
		w.Fail(ErrFlooded)
		return
	}
	before := w.buf.Len()
	write(w.Frames)
	w.control += w.buf.Len() - before
	w.FlushSoon()
}

// FlushSoon has [Writer.Run] write what is there.
func (w *Writer) FlushSoon() { w.due.Signal() }

// Run writes what nobody flushes, until the end of the connection. It is to have a goroutine of
// its own. closed is called, without the lock, after CloseSoon, when everything is written.
func (w *Writer) Run(closed func()) {
	w.due.L.Lock()
	defer w.due.L.Unlock()
	defer close(w.finished)
	for !w.stopped && w.Err == nil {
		switch {
		case w.writing || w.buf.Len() == 0 && !w.closing:
			w.due.Wait()
		case w.buf.Len() > 0:
			w.write()
		default:
			w.Err = net.ErrClosed
			w.unlocked(closed)
		}
	}
}

// Finished returns a channel that is closed when Run has returned.
func (w *Writer) Finished() <-chan struct{} { return w.finished }

// unlocked calls do without the lock, which is held again after it, also after a panic.
func (w *Writer) unlocked(do func()) {
	w.due.L.Unlock()
	defer w.due.L.Lock()
	do()
}

// errPanic is the error of a connection on which writing panicked.
var errPanic = errors.New("a panic while writing to the connection")

// write writes to the connection, without the lock. If that panics, the connection ends, too.
func (w *Writer) write() {
	w.writing = true
	w.buf, w.taken = w.taken, w.buf
	w.control = 0
	w.written += int64(w.taken.Len())
	w.room.Signal()
	err := errPanic
	defer func() {
		w.writing = false
		if err != nil {
			w.Fail(err)
			return
		}
		w.done = w.written
		if w.Wrote != nil {
			w.Wrote()
		}
	}()
	w.unlocked(func() { _, err = w.conn.Write(w.taken.Bytes()) })
	w.taken.Reset()
	if w.taken.Cap() > 4*maxBuffered {
		w.taken = bytes.Buffer{}
	}
}

// Flush writes what is there, and some of what comes meanwhile. It doesn't wait if another
// goroutine writes. It gives up the lock while it writes.
func (w *Writer) Flush() { w.FlushUpTo(math.MaxInt64) }

// FlushUpTo is Flush as long as Written is at most end. The rest is for Run.
func (w *Writer) FlushUpTo(end int64) {
	for n := 0; n < maxFlushes && !w.writing && w.buf.Len() > 0 && w.Err == nil && w.written+int64(w.buf.Len()) <= end; n++ {
		w.write()
	}
	if w.buf.Len() > 0 || w.closing {
		w.due.Signal()
	}
}

// maxFlushes is how often a message's goroutine writes before it leaves the rest to Run.
const maxFlushes = 8

// Fail ends the writing, and the connection.
func (w *Writer) Fail(err error) {
	if w.Err == nil {
		w.Err = err
	}
	w.room.Broadcast()
	w.due.Signal()
	w.failed(err)
}

// CloseSoon has Run return once everything is written. It reports whether it was called before.
func (w *Writer) CloseSoon() (again bool) {
	again = w.closing
	w.closing = true
	w.due.Signal()
	return again
}

// IsClosing reports whether CloseSoon was called.
func (w *Writer) IsClosing() bool { return w.closing }

// Stop has Run return.
func (w *Writer) Stop() {
	w.stopped = true
	w.due.Signal()
}
