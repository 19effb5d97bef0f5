package proxy

import (
	"errors"
	"io"
	"net/http"
	"sync"
	"time"
)

// ahead is the state of a short body that is read before a connection asks for
// it: while a dial gets stuck, and after it has failed, the flow shall say which
// operation it was, and of many protocols only the body does.
type prefetch struct {
	read    sync.Cond // something was read; its L is the body's mu
	reading bool
	done    bool  // it was read to its end, or to err
	err     error // io.EOF at a proper end
}

// lookTime is how long a dial that failed at once waits for the body of its
// request, which mostly has come with the head.
const prefetchWait = 50 * time.Millisecond

// mayLookAhead reports whether the body is short, and comes without being asked
// for, and nobody reads it. b.mu is held.
func (b *requestBody) canPrefetch() bool {
	return b.record && b.expect == nil && 0 < b.length && b.length <= maxBodyPrefix &&
		!b.started && !b.notReplayable && !b.ended && !b.prefetch.reading && !b.prefetch.done
}

// lookAhead begins to read the body if nobody else will for now.
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

// fetch reads the body to its end.
func (b *requestBody) runPrefetch() {
	buf := make([]byte, min(b.length+1, copySize))
	for over := false; !over; {
		n, err := b.ReadCloser.Read(buf)
		b.mu.Lock()
		err = b.noteRead(buf[:n], err)
		if over = err != nil; over {
			b.prefetch.reading, b.prefetch.done, b.prefetch.err = false, true, err
		}
		b.prefetch.read.Broadcast()
		b.mu.Unlock()
	}
}

// readAhead passes on what was read ahead. ok is false if nothing was.
func (b *requestBody) readPrefetched(p []byte) (n int, err error, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.started = true
	for b.prefetch.reading && b.off == b.buf.Len() {
		b.prefetch.read.Wait()
	}
	switch {
	case b.off < b.buf.Len():
		n = copy(p, b.buf.Bytes()[b.off:])
		b.off += n
		b.x.sent.Add(int64(n))
		return n, nil, true
	case b.prefetch.done:
		return 0, b.prefetch.err, true
	}
	return 0, nil, false
}

// lastLook reads a body that nobody has passed on and nobody will, or waits for the
// one who reads it ahead.
func (b *requestBody) awaitPrefetch() {
	b.mu.Lock()
	defer b.mu.Unlock()
	may := b.canPrefetch()
	if !may && (!b.prefetch.reading || b.started) {
		return
	}
	rc := http.NewResponseController(b.x.w)
	_ = rc.SetReadDeadline(time.Now().Add(prefetchWait))
	if may {
		b.prefetch.reading = true
		go b.runPrefetch()
	}
	for b.prefetch.reading {
		b.prefetch.read.Wait()
	}
	var then time.Time
	if !errors.Is(b.prefetch.err, io.EOF) {
		then = time.Now().Add(drainTime) // it may still be on its way
	}
	_ = rc.SetReadDeadline(then)
}

// stopAhead ends a reading that nobody waits for any more: net/http must find
// nobody at the body when the handler is over.
func (b *requestBody) stopPrefetch() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for b.prefetch.reading {
		_ = http.NewResponseController(b.x.w).SetReadDeadline(time.Now())
		b.prefetch.read.Wait()
	}
}
