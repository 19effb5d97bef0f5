package capture

import (
	"encoding/binary"
	"hash/maphash"
	"strings"
	"sync"

	"detour/internal/flow"
)

// A packer compresses headers, which are most of a flow's memory and mostly the same in
// all requests of a browser. It encodes a header that it has seen before as a number, and
// a list of headers as one string. That takes a fifth of the memory and has no pointers
// for the garbage collector.
type packer struct {
	seed maphash.Seed

	mu     sync.Mutex
	names  map[string]uint64
	fields map[flow.Header]uint64
	byID   []flow.Header // the headers by number
	byName []string      // the names by number
	weight int           // bytes of the headers in fields
	met    [metSize]uint32
	buf    []byte
}

// Limits of what a packer remembers.
const (
	maxNames  = 1 << 10
	maxFields = 1 << 12
	maxWeight = 1 << 20
	maxField  = 4 << 10 // longer headers aren't remembered
	metSize   = 1 << 12
)

func newPacker() *packer {
	return &packer{
		seed:  maphash.MakeSeed(),
		names: make(map[string]uint64), fields: make(map[flow.Header]uint64),
	}
}

// A packed list is a count and the headers. A header is the number of a known one plus 1,
// or 0, name and value. A name is the number of a known one plus 1, or 0 and a string. A
// string is its length and its bytes. All numbers are varints.

// pack encodes lists as one string.
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

// again reports whether h was seen recently. Only then it gets a number: most headers
// that vary, such as request IDs, are different each time.
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

// unpack decodes the lists of a string from pack.
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

// An unpacker decodes a string from pack.
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
