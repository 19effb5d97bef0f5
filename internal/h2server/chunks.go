package h2server

import "sync"

// chunks are bytes in the order in which they came. Their buffers are borrowed, so that a body
// of which nothing is unread holds none.
type chunks struct {
	list []*chunk
	from int // how much of the first one was read
	to   int // how much of the last one is filled
	size int
}

type chunk [maxFrame]byte

var spareChunks = sync.Pool{New: func() any { return new(chunk) }}

// add adds bytes.
func (c *chunks) add(p []byte) {
	c.size += len(p)
	for len(p) > 0 {
		if len(c.list) == 0 || c.to == maxFrame {
			c.list, c.to = append(c.list, spareChunks.Get().(*chunk)), 0
		}
		n := copy(c.list[len(c.list)-1][c.to:], p)
		c.to, p = c.to+n, p[n:]
	}
}

// read takes up to len(p) bytes.
func (c *chunks) read(p []byte) (n int) {
	for n < len(p) && c.size > 0 {
		end := maxFrame
		if len(c.list) == 1 {
			end = c.to
		}
		m := copy(p[n:], c.list[0][c.from:end])
		n, c.from, c.size = n+m, c.from+m, c.size-m
		if c.from == end {
			c.drop()
		}
	}
	return n
}

// drop gives back the first buffer.
func (c *chunks) drop() {
	spareChunks.Put(c.list[0])
	c.list[0] = nil
	c.list, c.from = c.list[1:], 0
}

// discard drops everything, and returns how much that was.
func (c *chunks) discard() int {
	n := c.size
	for len(c.list) > 0 {
		c.drop()
	}
	*c = chunks{}
	return n
}
