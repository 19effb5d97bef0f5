package h2server

// An inWindow is what a peer may still send of bodies, and how much of it was read since the
// peer was told.
type inWindow struct {
	left int64 // that the peer may send
	read int64 // that the peer may send once it is told
}

// windowStep is how much is read before the peer is told: less costs a frame more often.
const windowStep = 64 << 10

// take counts n bytes that came, and reports whether the peer might send them.
func (w *inWindow) take(n int) bool {
	w.left -= int64(n)
	return w.left >= 0
}

// give counts n bytes that were read, and returns how many to tell the peer; 0: none yet.
func (w *inWindow) give(n int) uint32 {
	w.read += int64(n)
	if w.read < windowStep && w.read < w.left {
		return 0
	}
	tell := w.read
	w.left, w.read = w.left+tell, 0
	return uint32(tell)
}

// reserve takes up to n bytes of the windows of the client for a frame of a stream. It waits
// while there are none, unless now is set. mu isn't held.
func (c *Conn) reserve(s *stream, n int, now bool) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		if s.err != nil {
			return 0, s.err
		}
		if room := min(s.window, c.window); room > 0 {
			n = int(min(int64(n), room, maxFrame))
			s.window -= int64(n)
			c.window -= int64(n)
			return n, nil
		}
		if now {
			return 0, nil
		}
		c.waiting.Wait()
	}
}
