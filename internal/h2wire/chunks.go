package h2wire

import "sync"

// Chunks are bytes in the order in which they came. Their buffers are borrowed, so that a body
// of which nothing is unread holds none.
type Chunks struct {
	list []*chunk
	from int // how much of the first one was read
	to   int // how much of the last one is filled
	Size int // bytes in all
}

type chunk [MaxFrame]byte

var spareChunks = sync.Pool{New: func() any { return new(chunk) }}

// Add adds bytes.
func (c *Chunks) Add(p []byte) {
	c.Size += len(p)
	for len(p) > 0 {
		if len(c.list) == 0 || c.to == MaxFrame {
			c.list, c.to = append(c.list, spareChunks.Get().(*chunk)), 0
		}
		n := copy(c.list[len(c.list)-1][c.to:], p)
		c.to, p = c.to+n, p[n:]
	}
}

// Read takes up to len(p) bytes.
func (c *Chunks) Read(p []byte) (n int) {
	for n < len(p) && c.Size > 0 {
		end := MaxFrame
		if len(c.list) == 1 {
			end = c.to
		}
		m := copy(p[n:], c.list[0][c.from:end])
		n, c.from, c.Size = n+m, c.from+m, c.Size-m
		if c.from == end {
			c.drop()
		}
	}
	return n
}

// drop gives back the first buffer.
func (c *Chunks) drop() {
	spareChunks.Put(c.list[0])
	c.list[0] = nil
	c.list, c.from = c.list[1:], 0
}

// Discard drops everything, and returns how much that was.
func (c *Chunks) Discard() int {
	n := c.Size
	for len(c.list) > 0 {
		c.drop()
	}
	*c = Chunks{}
	return n
}
