package proxy

import (
	"errors"
	"io"
	"net/http"
	"sync"
	"time"
)

// ahead is the state of a short body that is read before there is a connection: many
// protocols name the operation in the body only, and the flow has to show it even if
// the dial hangs or fails.
type ahead struct {
	came    sync.Cond // bytes were read; its L is the body's mu
	reading bool
	over    bool  // it was read to its end or to err
	err     error // io.EOF at a regular end
}

// lookTime is how long a request whose dial failed at once waits for its body, which
// usually arrives with the header.
const lookTime = 50 * time.Millisecond

// mayLookAhead reports whether the body is short, is sent without 100 (Continue), and
// isn't being read. b.mu is held.
func (b *requestBody) mayLookAhead() bool {
	return b.wanted && b.expect == nil && 0 < b.length && b.length <= keptUpload &&
		!b.begun && !b.gone && !b.ended && !b.ahead.reading && !b.ahead.over
}

// lookAhead starts to read the body if nothing else does.
func (b *requestBody) lookAhead() {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.mayLookAhead() {
		b.ahead.reading = true
		go b.fetch()
	}
}

// fetch reads the body to its end.
func (b *requestBody) fetch() {
	buf := make([]byte, min(b.length+1, copySize))
	for over := false; !over; {
		n, err := b.ReadCloser.Read(buf)
		b.mu.Lock()
		err = b.took(buf[:n], err)
		if over = err != nil; over {
			b.ahead.reading, b.ahead.over, b.ahead.err = false, true, err
		}
		b.ahead.came.Broadcast()
		b.mu.Unlock()
	}
}

// readAhead returns bytes that were read ahead. ok is false if there are none.
func (b *requestBody) readAhead(p []byte) (n int, err error, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.begun = true
	for b.ahead.reading && b.off == b.kept.Len() {
		b.ahead.came.Wait()
	}
	switch {
	case b.off < b.kept.Len():
		n = copy(p, b.kept.Bytes()[b.off:])
		b.off += n
		b.x.sent.Add(int64(n))
		return n, nil, true
	case b.ahead.over:
		return 0, b.ahead.err, true
	}
	return 0, nil, false
}

// lastLook reads a body that won't be sent, or waits for the goroutine that is reading
// it ahead.
func (b *requestBody) lastLook() {
	b.mu.Lock()
	defer b.mu.Unlock()
	may := b.mayLookAhead()
	if !may && (!b.ahead.reading || b.begun) {
		return
	}
	rc := http.NewResponseController(b.x.w)
	_ = rc.SetReadDeadline(time.Now().Add(lookTime))
	if may {
		b.ahead.reading = true
		go b.fetch()
	}
	for b.ahead.reading {
		b.ahead.came.Wait()
	}
	var then time.Time
	if !errors.Is(b.ahead.err, io.EOF) {
		then = time.Now().Add(drainTime) // it may still arrive
	}
	_ = rc.SetReadDeadline(then)
}

// stopAhead ends reading ahead: net/http requires that nothing reads the body after
// the handler returns.
func (b *requestBody) stopAhead() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for b.ahead.reading {
		_ = http.NewResponseController(b.x.w).SetReadDeadline(time.Now())
		b.ahead.came.Wait()
	}
}
