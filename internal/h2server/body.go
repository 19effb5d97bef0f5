package h2server

import (
	"errors"
	"io"
	"net/http"
	"os"
	"sync"
	"time"

	"detour/internal/h2wire"
)

// A requestBody is the body of a request: what has come of it, and isn't read. Its fields are
// guarded by the connection's mu.
type requestBody struct {
	s         *stream
	change    sync.Cond     // signaled at each change; its L is mu
	unread    h2wire.Chunks // at most streamWindow
	err       error         // after unread; nil: more may come
	closed    bool          // the handler reads no more
	continues bool          // the client waits for a 100 (Continue), or the head of the response
	deadline  *time.Timer
}

// add adds bytes and returns how many it keeps. mu is held.
func (b *requestBody) add(p []byte) int {
	if b.closed || b.err != nil {
		return 0
	}
	b.unread.Add(p)
	b.change.Broadcast()
	return len(p)
}

// discard drops what isn't read, and returns how much that is. mu is held.
func (b *requestBody) discard() int {
	if b.deadline != nil {
		b.deadline.Stop()
		b.deadline = nil
	}
	b.closed = true
	return b.unread.Discard()
}

// Read implements io.Reader. What the handler reads, the client may send again.
func (b *requestBody) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	s, c := b.s, b.s.c
	c.mu.Lock()
	defer c.mu.Unlock()
	if b.continues && b.unread.Size == 0 && b.err == nil {
		b.continues = false
		c.writeHead(s.id, http.StatusContinue, nil, false, false)
		c.out.FlushSoon()
	}
	for b.unread.Size == 0 && b.err == nil && !b.closed {
		b.change.Wait()
	}
	n := b.unread.Read(p)
	var err error
	switch {
	case n > 0:
	case errors.Is(b.err, io.EOF):
		err = b.err
		s.useTrailer()
	case b.closed:
		err = http.ErrBodyReadAfterClose
	default:
		err = b.err
	}
	ofConn, ofStream := uint32(0), uint32(0)
	if n > 0 {
		ofConn = c.received.Give(n)
		if !s.ended && s.err == nil {
			ofStream = s.received.Give(n)
		}
	}
	c.updateWindows(s.id, ofConn, ofStream)
	return n, err
}

// Close implements io.Closer: the handler reads no more.
func (b *requestBody) Close() error {
	c := b.s.c
	c.mu.Lock()
	defer c.mu.Unlock()
	b.change.Broadcast()
	c.updateWindows(0, c.received.Give(b.discard()), 0)
	return nil
}

// setDeadline makes reads fail from then on, unless it is called again before; the zero time:
// never.
func (b *requestBody) setDeadline(t time.Time) {
	c := b.s.c
	c.mu.Lock()
	defer c.mu.Unlock()
	if b.deadline != nil {
		b.deadline.Stop()
		b.deadline = nil
	}
	if t.IsZero() || b.err != nil {
		return
	}
	if wait := time.Until(t); wait > 0 {
		b.deadline = time.AfterFunc(wait, c.guarded(b.expire))
	} else {
		b.fail(os.ErrDeadlineExceeded)
	}
}

func (b *requestBody) expire() {
	b.s.c.mu.Lock()
	defer b.s.c.mu.Unlock()
	b.fail(os.ErrDeadlineExceeded)
}

// fail makes reads fail once what has come is read. mu is held.
func (b *requestBody) fail(err error) {
	if b.err == nil {
		b.err = err
		b.change.Broadcast()
	}
}
