package proxy

import (
	"errors"
	"os"
	"sync"
	"time"
)

// An upload writes a request while its response is awaited. A server may respond before it has
// read all, and then read no more: it refuses the request, or redirects it.
type upload struct {
	over chan struct{} // closed at its end
	err  error         // once over
	n    int           // bytes that were written, once over

	grace time.Duration // how long ended waits

	mu      sync.Mutex
	hasHead bool // that of the response was read, or its reading has failed
}

const (
	// maxWriteAtOnce is how much of a request is written before the response is awaited. The send
	// buffer of an idle connection takes it whole, whatever the server does: Linux, whose buffers
	// are the smallest, begins with room for ten segments.
	maxWriteAtOnce = 8 << 10
	// uploadGrace is how long an upload may take to end after the exchange. One that the server has
	// read is over; its goroutine may not have run yet. net/http waits as long.
	uploadGrace = 50 * time.Millisecond
	// lateResponse is how long a response may take to arrive after the upload has failed.
	lateResponse = time.Second
)

// startUpload writes what out has, which begins with the request's head, and returns out.
func startUpload(x *exchange, s *serverConn, out *outbox, headSize int) *upload {
	u := &upload{over: make(chan struct{}), grace: x.p.uploadGrace}
	go func() {
		defer close(u.over)
		defer out.giveBack()
		u.err = errFault
		x.p.guard(func() { u.n, u.err = s.Write(out.b) })
		x.sent.Store(int64(max(0, u.n-headSize)))
		x.wroteRequest(u.err)
		if u.err != nil {
			u.limitWait(s)
		}
	}()
	return u
}

// limitWait has the reading of the response's head end within lateResponse.
func (u *upload) limitWait(s *serverConn) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if !u.hasHead {
		_ = s.SetReadDeadline(time.Now().Add(lateResponse))
	}
}

// endHead ends the reading of the head. What follows it may take as long as it does. It returns
// the error to report for that of the reading: that of the upload, if the response didn't come
// because of it.
func (u *upload) endHead(s *serverConn, err error) error {
	if u == nil {
		return err
	}
	u.mu.Lock()
	u.hasHead = true
	_ = s.SetReadDeadline(time.Time{})
	u.mu.Unlock()
	switch {
	case err == nil || !u.ended() || u.err == nil:
	case !s.answered:
		return &unansweredError{u.err, u.n > 0}
	case errors.Is(err, os.ErrDeadlineExceeded):
		return u.err
	}
	return err
}

// ended waits for the end for a moment, and reports whether it came.
func (u *upload) ended() bool {
	t := time.NewTimer(u.grace)
	defer t.Stop()
	select {
	case <-u.over:
	case <-t.C:
	}
	select {
	case <-u.over: // even if both happened before this goroutine ran
		return true
	default:
		return false
	}
}

// endUpload ends the upload on the connection, if there is one, and reports whether it was whole.
func (s *serverConn) endUpload() bool {
	u := s.upload
	if u == nil {
		return true
	}
	if s.upload = nil; u.ended() {
		return u.err == nil
	}
	_ = s.Close()
	<-u.over
	return false
}
