package h2server

import (
	"slices"

	"golang.org/x/net/http2"
)

// reset ends a stream with an error of the client.
func (c *Conn) reset(err http2.StreamError) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s := c.streams[err.StreamID]; s != nil {
		s.close(err)
	}
	if !c.ignores(err.StreamID) {
		c.sendReset(err.StreamID, err.Code)
	}
}

// sendReset tells the client that a stream has ended. mu is held.
func (c *Conn) sendReset(id uint32, code http2.ErrCode) {
	c.abandoned.add(id)
	c.out.Control(func(fr *http2.Framer) { _ = fr.WriteRSTStream(id, code) })
}

// ignores reports whether the client may have sent frames of a closed stream before it could know
// that it is closed (RFC 9113, 5.1 and 6.8). mu is held.
func (c *Conn) ignores(id uint32) bool {
	return c.draining && id > c.handled || c.abandoned.has(id)
}

// recentIDs are the last streams that were added.
type recentIDs struct {
	ids  [maxStreams]uint32
	next int
}

func (r *recentIDs) add(id uint32) {
	r.ids[r.next] = id
	r.next = (r.next + 1) % len(r.ids)
}

func (r *recentIDs) has(id uint32) bool { return slices.Contains(r.ids[:], id) }
