package proxy

import (
	"sync"
	"time"
)

// An expectation is a client's that sends its body only when asked, by 100
// (Continue). A server that answers at once doesn't want it, S3 when it redirects
// for one. net/http's transport would send it all the same, to keep an HTTP/1.1
// connection usable, and to read it is to ask the client for it. A nil
// expectation is none.
type expectation struct {
	mu    sync.Mutex
	since time.Time     // the head is out, and the server's word awaited
	go100 bool          // the server asked
	over  chan struct{} // closed when the exchange ends unasked
	once  sync.Once
}

func newExpectation() *expectation { return &expectation{over: make(chan struct{})} }

// waits notes that the head is out.
func (e *expectation) waits() {
	if e != nil {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.since = time.Now()
	}
}

// proceed notes the server's 100.
func (e *expectation) proceed() {
	if e != nil {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.go100 = true
	}
}

// settle ends the waiting for good.
func (e *expectation) settle() {
	if e != nil {
		e.once.Do(func() { close(e.over) })
	}
}

// asked reports whether to read the body: the server asked, or was silent for so
// long that it doesn't know of asking. If it has answered instead, the transport
// is kept waiting until the answer is through, for an error would come before it.
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
