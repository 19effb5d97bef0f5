package h2client

import (
	"errors"
	"io"
)

// A body is the body of a response. Read and Close may be called concurrently.
type body struct{ s *stream }

var errClosed = errors.New("http2: the body of the response was closed")

// Read implements io.Reader. What it returns, the server may send again.
func (b *body) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for {
		if n, err := b.tryRead(p); n > 0 || err != nil {
			return n, err
		}
		select {
		case <-b.s.ready:
		case <-b.s.ctx.Done():
			b.s.giveUp(b.s.ctx.Err())
		}
	}
}

// IsWhole reports whether reading the rest of the body waits for nothing.
func (b *body) IsWhole() bool {
	b.s.c.mu.Lock()
	defer b.s.c.mu.Unlock()
	return b.s.ended || b.s.isHEAD
}

// tryRead reads what there is. With the last bytes of a whole body it returns io.EOF.
func (b *body) tryRead(p []byte) (int, error) {
	s, c := b.s, b.s.c
	c.mu.Lock()
	defer c.mu.Unlock()
	if s.closed {
		return 0, errClosed
	}
	n := s.unread.Read(p)
	if n > 0 {
		freed := n
		if s.ended || s.err != nil {
			freed = 0
		}
		c.giveBack(s, n, freed)
	}
	var err error
	if s.unread.Size == 0 {
		err = s.readError()
	}
	if err != nil && s.ended {
		s.useTrailer()
	}
	if n > 0 && !errors.Is(err, io.EOF) {
		return n, nil
	}
	return n, err
}

// useTrailer gives the response its trailer. mu is held.
func (s *stream) useTrailer() {
	if s.resp.Trailer == nil {
		s.resp.Trailer = s.trailer
		return
	}
	for name, values := range s.trailer {
		s.resp.Trailer[name] = values
	}
}

// Close implements io.Closer. It cancels a request that isn't over. Then nothing reads the body of
// that any more.
func (b *body) Close() error {
	b.s.drop(errClosed)
	b.s.wake() // a Read
	b.s.up.wait()
	return nil
}

// drop cancels the request, and discards what has come of the response's body.
func (s *stream) drop(why error) {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	s.closed = true
	s.cancel(why)
	s.c.giveBack(s, s.unread.Discard(), 0)
}
