package proxy

import (
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// prefetch is the state of a short request body that is read before there is a
// connection to send it on. In many AWS protocols only the body names the operation,
// and the flow should have it while a dial hangs and after it has failed.
type prefetch struct {
	progress sync.Cond // signaled when something was read; its L is the body's mu
	reading  bool
	done     bool  // it was read to its end, or to err
	err      error // io.EOF at the end of the body
}

// prefetchWait is how long a request whose dial failed at once waits for its body,
// which usually came with the head.
const prefetchWait = 50 * time.Millisecond

// canPrefetch reports whether the body is short, comes without a 100 (Continue), and
// isn't being read. b.mu is held.
func (b *requestBody) canPrefetch() bool {
	return b.record && b.expect == nil && 0 < b.length && b.length <= maxBodyPrefix &&
		!b.started && !b.notReplayable && !b.ended && !b.prefetch.reading && !b.prefetch.done
}

// startPrefetch starts to read the body if nothing else reads it.
func (b *requestBody) startPrefetch() {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.canPrefetch() {
		b.prefetch.reading = true
		go b.runPrefetch()
	}
}

// runPrefetch reads the body to its end.
func (b *requestBody) runPrefetch() {
	buf := make([]byte, min(b.length+1, copySize))
	for over := false; !over; {
		n, err := b.ReadCloser.Read(buf)
		b.mu.Lock()
		err = b.noteRead(buf[:n], err)
		if over = err != nil; over {
			b.prefetch.reading, b.prefetch.done, b.prefetch.err = false, true, err
		}
		b.prefetch.progress.Broadcast()
		b.mu.Unlock()
	}
}

// readPrefetched returns prefetched bytes, and waits for them while a prefetch runs.
// ok is false if there are none left, and the caller reads on itself. Bytes that were
// prefetched can still be read after Close; of the rest nothing can.
func (b *requestBody) readPrefetched(p []byte) (n int, err error, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.started = true
	for b.prefetch.reading && b.off == b.buf.Len() {
		b.prefetch.progress.Wait()
	}
	switch {
	case b.off < b.buf.Len():
		n = copy(p, b.buf.Bytes()[b.off:])
		b.off += n
		b.x.sent.Add(int64(n))
		return n, nil, true
	case b.prefetch.done:
		return 0, b.prefetch.err, true
	case b.leftUnread:
		return 0, net.ErrClosed, true
	}
	return 0, nil, false
}

// awaitPrefetch prefetches a body that won't be sent, or waits for a prefetch that is
// running.
func (b *requestBody) awaitPrefetch() {
	b.mu.Lock()
	defer b.mu.Unlock()
	may := b.canPrefetch()
	if !may && (!b.prefetch.reading || b.started) {
		return
	}
	rc := http.NewResponseController(b.x.w)
	_ = rc.SetReadDeadline(time.Now().Add(b.x.p.prefetchWait))
	if may {
		b.prefetch.reading = true
		go b.runPrefetch()
	}
	for b.prefetch.reading {
		b.prefetch.progress.Wait()
	}
	var deadline time.Time
	if !errors.Is(b.prefetch.err, io.EOF) {
		deadline = time.Now().Add(drainTime) // the rest may still arrive
	}
	_ = rc.SetReadDeadline(deadline)
}

// stopPrefetch interrupts a running prefetch, and lets no other begin: nothing may read the
// body after the handler has returned.
func (b *requestBody) stopPrefetch() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for b.prefetch.reading {
		_ = http.NewResponseController(b.x.w).SetReadDeadline(time.Now())
		b.prefetch.progress.Wait()
	}
	b.ended = true
}
