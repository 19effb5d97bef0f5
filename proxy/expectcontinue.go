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
type continueExpectation struct {
	mu         sync.Mutex
	sentAt     time.Time     // the head is out, and the server's word awaited
	proceeding bool          // the server asked
	over       chan struct{} // closed when the exchange ends unasked
	once       sync.Once
}

func newContinueExpectation() *continueExpectation {
	return &continueExpectation{over: make(chan struct{})}
}

// waits notes that the head is out.
func (e *continueExpectation) headSent() {
	if e != nil {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.sentAt = time.Now()
	}
}

// proceed notes the server's 100.
func (e *continueExpectation) proceed() {
	if e != nil {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.proceeding = true
	}
}

// settle ends the waiting for good.
func (e *continueExpectation) end() {
	if e != nil {
		e.once.Do(func() { close(e.over) })
	}
}

// asked reports whether to read the body: the server asked, or was silent for so
// long that it doesn't know of asking. If it has answered instead, the transport
// is kept waiting until the answer is through, for an error would come before it.
func (e *continueExpectation) await() bool {
	if e == nil {
		return true
	}
	e.mu.Lock()
	if e.proceeding || e.sentAt.IsZero() || time.Since(e.sentAt) >= continueTimeout {
		e.proceeding = true
		e.mu.Unlock()
		return true
	}
	e.mu.Unlock()
	<-e.over
	return false
}
