package share

// cacheSize limits the encoded events that are kept, in bytes. Others are encoded again when a
// watcher needs them.
const cacheSize = 8 << 20

// A cache bounds what is kept of encoded events. Those that were encoded first go first.
type cache struct {
	kept []cached
	size int
}

type cached struct {
	of     *subject
	form   form
	number uint64
	size   int
}

// keep keeps the data of a subject's newest event.
func (c *cache) keep(of *subject, as form, data []byte) {
	of.data[as] = data
	c.kept = append(c.kept, cached{of, as, of.number, len(data)})
	c.size += len(data)
	for c.size > cacheSize || len(c.kept) > 4*logSize {
		old := c.kept[0]
		c.kept = c.kept[1:]
		c.size -= old.size
		if old.of.number == old.number {
			old.of.data[old.form] = nil
		}
	}
}
