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

// reserve waits until a frame of a stream can be written, and takes up to n bytes of the client's
// windows for it. While they are empty, it waits, too, unless now is set or n is 0. The frame has
// to be written before mu, which is held, is released: what it has taken is sent.
func (c *Conn) reserve(s *stream, n int, now bool) (int, error) {
	for {
		switch room := min(s.window, c.window); {
		case s.err != nil:
			return 0, s.err
		case c.out.err != nil:
			return 0, c.out.err
		case c.out.full():
			c.out.room.Wait()
			if !c.out.full() {
				c.out.room.Signal() // there may be room for another, too
			}
		case n > 0 && room <= 0 && !now:
			c.waiting.Wait()
		default:
			n = int(max(0, min(int64(n), room, maxFrame)))
			s.window -= int64(n)
			c.window -= int64(n)
			return n, nil
		}
	}
}
