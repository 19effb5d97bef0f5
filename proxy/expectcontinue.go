package proxy

import (
	"sync"
	"time"
)

// An expectation is the Expect header of a client that waits for 100 (Continue) before
// it sends the body. A server that responds without it doesn't want the body, such as
// S3 with a redirect. net/http's transport would still read the body, to keep the
// HTTP/1.1 connection usable, and reading makes net/http's server send the client 100.
// A nil expectation is none.
type expectation struct {
	mu    sync.Mutex
	since time.Time     // when the header was sent
	go100 bool          // the server sent 100
	over  chan struct{} // closed when the exchange ends without it
	once  sync.Once
}

func newExpectation() *expectation { return &expectation{over: make(chan struct{})} }

// waits records that the header was sent.
func (e *expectation) waits() {
	if e != nil {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.since = time.Now()
	}
}

// proceed records the server's 100.
func (e *expectation) proceed() {
	if e != nil {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.go100 = true
	}
}

// settle ends the wait.
func (e *expectation) settle() {
	if e != nil {
		e.once.Do(func() { close(e.over) })
	}
}

// asked reports whether to read the body: the server sent 100, or nothing for so long
// that it probably doesn't support it. If the server sent a final response instead,
// asked blocks until that is delivered, because an error would get there first.
func (e *expectation) asked() bool {
	if e == nil {
		return true
	}
	e.mu.Lock()
	if e.go100 || e.since.IsZero() || time.Since(e.since) >= continueTimeout {
		e.go100 = true
		e.mu.Unlock()
		return true
	}
	e.mu.Unlock()
	<-e.over
	return false
}
