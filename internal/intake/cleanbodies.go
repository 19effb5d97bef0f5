package intake

import (
	"hash/maphash"

	"detour/internal/flow"
)

// cleanBodies remembers of flows, in order, that redaction doesn't change their bodies: it takes most of
// the time of a second reading. The file may change in between, so the bodies are compared.
type cleanBodies struct {
	seed   maphash.Seed
	hashes []uint64 // 0 of those whose bodies are to be redacted
}

// hash returns the hash of the bodies of a flow that isn't redacted yet, and of what else decides about them.
func (c *cleanBodies) hash(f *flow.Flow) uint64 {
	if c.hashes == nil {
		c.seed = maphash.MakeSeed()
	}
	const contentType = "Content-Type"
	var h maphash.Hash
	h.SetSeed(c.seed)
	_, _ = h.WriteString(flow.Get(f.Request.Headers, contentType))
	_ = h.WriteByte(0)
	_, _ = h.Write(f.Request.Body)
	if f.Response != nil {
		_ = h.WriteByte(1)
		_, _ = h.WriteString(flow.Get(f.Response.Headers, contentType))
		_ = h.WriteByte(0)
		_, _ = h.Write(f.Response.Body)
	}
	return max(1, h.Sum64())
}

// before looks at the next flow before it is redacted. note has to be called afterwards.
func (c *cleanBodies) before(f *flow.Flow) (note func()) {
	if c == nil {
		return func() {}
	}
	hash, asked, answered := c.hash(f), f.Request.Body, responseBody(f)
	return func() {
		if !sameBytes(asked, f.Request.Body) || !sameBytes(answered, responseBody(f)) {
			hash = 0
		}
		c.hashes = append(c.hashes, hash)
	}
}

// has reports whether the i-th flow had the same bodies, and redaction left them as they were.
func (c *cleanBodies) has(i int, f *flow.Flow) bool {
	return i < len(c.hashes) && c.hashes[i] != 0 && c.hashes[i] == c.hash(f)
}

func responseBody(f *flow.Flow) []byte {
	if f.Response == nil {
		return nil
	}
	return f.Response.Body
}

// sameBytes reports whether both are the same bytes of the memory.
func sameBytes(a, b []byte) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}
