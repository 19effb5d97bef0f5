package h2server

import "detour/internal/h2wire"

// reserve waits until a frame of a stream can be written, and takes up to n bytes of the client's
// windows for it. While they are empty, it waits, too, unless now is set or n is 0. The frame has
// to be written before mu, which is held, is released: what it has taken is sent.
func (c *Conn) reserve(s *stream, n int, now bool) (int, error) {
	for {
		switch room := min(s.window, c.window); {
		case s.err != nil:
			return 0, s.err
		case c.out.Err != nil:
			return 0, c.out.Err
		case c.out.IsFull():
			c.out.WaitForRoom()
		case n > 0 && room <= 0 && !now:
			c.waiting.Wait()
		default:
			n = int(max(0, min(int64(n), room, h2wire.MaxFrame)))
			s.window -= int64(n)
			c.window -= int64(n)
			return n, nil
		}
	}
}
