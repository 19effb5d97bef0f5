package h2server

// reserve waits until a frame of a stream can be written, and takes up to n bytes of the client's
// windows for it. While they are empty, it waits, too, unless now is set or n is 0. The frame has
// to be written before mu, which is held, is released: what it has taken is sent.
func (c *Conn) reserve(s *stream, n int, now bool) (int, error) {
	for {
		switch {
		case s.err != nil:
			return 0, s.err
		case c.out.Err != nil:
			return 0, c.out.Err
		case c.out.IsFull():
			c.out.WaitForRoom()
		case n > 0 && !now && c.windows.IsEmpty(s.window):
			c.waiting.Wait()
		default:
			return c.windows.Take(&s.window, n), nil
		}
	}
}
