package capture

import (
	"encoding/binary"
	"hash/maphash"
	"strings"
	"sync"

	"detour/internal/flow"
)

// Header fields are most of a flow's weight, and nearly all of them are the same
// in each request of a browser. A packer keeps a field that it has met before as
// a number, and a list of fields as one string: a fifth of the memory, and nothing
// in it for the garbage collector to follow.
type packer struct {
	seed maphash.Seed

	mu     sync.Mutex
	names  map[string]uint64
	fields map[flow.Header]uint64
	byID   []flow.Header // the fields by number
	byName []string      // the names by number
	weight int           // bytes in fields
	met    [metSize]uint32
	buf    []byte
}

// Bounds of what a packer remembers, whatever servers send.
const (
	maxNames  = 1 << 10
	maxFields = 1 << 12
	maxWeight = 1 << 20
	maxField  = 4 << 10 // a longer one isn't worth its place
	metSize   = 1 << 12
)

func newPacker() *packer {
	return &packer{
		seed:  maphash.MakeSeed(),
		names: make(map[string]uint64), fields: make(map[flow.Header]uint64),
	}
}

// A packed list is a count, then the fields. A field is the number of one that is
// known plus 1; or 0, its name, its value. A name is a number plus 1; or 0, then a
// string. A string is its length and its bytes. All numbers are varints.

// pack makes one string of lists.
func (p *packer) pack(lists ...[]flow.Header) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	b := p.buf[:0]
	for _, hs := range lists {
		b = binary.AppendUvarint(b, uint64(len(hs)))
		for _, h := range hs {
			b = p.field(b, h)
		}
	}
	p.buf = b
	if cap(b) > 1<<16 {
		p.buf = nil
	}
	return string(b)
}

func (p *packer) field(b []byte, h flow.Header) []byte {
	if id, ok := p.fields[h]; ok {
		return binary.AppendUvarint(b, id+1)
	}
	if p.again(h) && len(p.byID) < maxFields && p.weight < maxWeight && len(h.Value) <= maxField {
		h = flow.Header{Name: strings.Clone(h.Name), Value: strings.Clone(h.Value)}
		p.fields[h] = uint64(len(p.byID))
		p.byID = append(p.byID, h)
		p.weight += len(h.Name) + len(h.Value)
		return binary.AppendUvarint(b, uint64(len(p.byID)))
	}
	b = append(b, 0)
	if id, ok := p.names[h.Name]; ok {
		b = binary.AppendUvarint(b, id+1)
	} else if len(p.byName) < maxNames && len(h.Name) <= maxField {
		name := strings.Clone(h.Name)
		p.names[name] = uint64(len(p.byName))
		p.byName = append(p.byName, name)
		b = binary.AppendUvarint(b, uint64(len(p.byName)))
	} else {
		b = appendString(append(b, 0), h.Name)
	}
	return appendString(b, h.Value)
}

// again reports whether h was met lately. Only then it is worth a number: most
// of what differs at all, as request IDs, differs every time.
func (p *packer) again(h flow.Header) bool {
	sum := uint32(maphash.Comparable(p.seed, h)) //nolint:gosec // half of a hash is a hash
	slot := &p.met[sum%metSize]
	if *slot == sum {
		return true
	}
	*slot = sum
	return false
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// unpack returns the lists that pack was given. s must be pack's.
func (p *packer) unpack(s string, lists ...*[]flow.Header) {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := unpacker{s}
	for _, to := range lists {
		hs := make([]flow.Header, r.number())
		for i := range hs {
			if id := r.number(); id > 0 {
				hs[i] = p.byID[id-1]
				continue
			}
			if id := r.number(); id > 0 {
				hs[i].Name = p.byName[id-1]
			} else {
				hs[i].Name = r.text()
			}
			hs[i].Value = r.text()
		}
		*to = hs
	}
}

// An unpacker reads what pack wrote.
type unpacker struct{ rest string }

func (r *unpacker) number() uint64 {
	var n uint64
	for shift := 0; ; shift += 7 {
		c := r.rest[0]
		r.rest = r.rest[1:]
		n |= uint64(c&0x7f) << shift
		if c < 0x80 {
			return n
		}
	}
}

func (r *unpacker) text() string {
	n := r.number()
	s := r.rest[:n]
	r.rest = r.rest[n:]
	return s
}
