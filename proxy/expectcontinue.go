package proxy

import (
	"sync"
	"time"
)

// continueExpectation handles Expect: 100-continue (RFC 9110, 10.1.1). The client sends
// its body only after a 100 (Continue), and net/http sends the client a 100 as soon as
// the body is read. A server that responds otherwise doesn't want the body, as when S3
// redirects, but net/http's transport would still send it to keep an HTTP/1.1
// connection usable. So reads of the body wait for the server's decision. A nil
// continueExpectation means that the client doesn't wait.
type continueExpectation struct {
	mu         sync.Mutex
	sentAt     time.Time     // when the head was sent; zero: not yet
	proceeding bool          // the body is wanted
	over       chan struct{} // closed when the exchange ends
	once       sync.Once
}

func newContinueExpectation() *continueExpectation {
	return &continueExpectation{over: make(chan struct{})}
}

// headSent notes that the head is sent and the transport waits for a 100.
func (e *continueExpectation) headSent() {
	if e != nil {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.sentAt = time.Now()
	}
}

// proceed notes that the server sent a 100.
func (e *continueExpectation) proceed() {
	if e != nil {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.proceeding = true
	}
}

// end makes await return.
func (e *continueExpectation) end() {
	if e != nil {
		e.once.Do(func() { close(e.over) })
	}
}

// await reports whether to read the body: the server sent a 100, or has not responded
// within continueTimeout. If it has responded otherwise, await blocks until the
// exchange is over, because an error now would replace the response.
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
