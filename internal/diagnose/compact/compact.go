// Package compact keeps flows that a server answered without complaint in a few bytes each: what
// a judgement asks of them once it has seen each flow whole. Flows of any other kind stay as they are.
package compact

import (
	"encoding/binary"
	"iter"
	"time"

	"detour/internal/diagnose/screen"
	"detour/internal/flow"
)

// Flows are flows in the order in which they were added. The zero value is empty and ready to use.
type Flows struct {
	whole  []*flow.Flow // those that aren't plain
	kinds  table[kind]
	conns  table[conn]  // at most maxConns
	ways   table[way]   // of other connections
	as     []*flow.Flow // the kinds, as flows
	over   []*flow.Conn // the connections
	by     []*flow.Conn // the ways, as connections without times
	log    [][]byte     // chunks of entries
	lastID flow.ID      // of the plain flows
	lastAt int64
}

// A kind is what plain flows have in common.
type kind struct {
	source                        flow.Source
	exporter                      flow.Exporter
	origin                        flow.Origin
	method                        string
	status                        int
	call                          bool
	service, operation, decodedBy string
	reused                        bool
}

// A table numbers values.
type table[K comparable] map[K]uint64

// of returns the number of a value, and whether it is new.
func (t *table[K]) of(k K) (n uint64, added bool) {
	if *t == nil {
		*t = make(table[K])
	}
	n, known := (*t)[k]
	if !known {
		n = uint64(len(*t))
		(*t)[k] = n
	}
	return n, !known
}

// Add adds a flow, which must not change any more. The IDs of flows increase.
func (c *Flows) Add(f *flow.Flow) {
	c.begin()
	if !plain(f) {
		c.whole = append(c.whole, f)
		c.write(0)
		return
	}
	k := kind{source: f.Source, exporter: f.Exporter, origin: f.Origin, method: f.Request.Method, status: f.Response.Status, reused: f.Reused}
	if a := f.AWS; a != nil {
		k.call, k.service, k.operation, k.decodedBy = true, a.Service, a.Operation, a.DecodedBy
	}
	of, added := c.kinds.of(k)
	if added {
		c.as = append(c.as, k.flow())
	}
	at := f.Times.Start.UnixNano()
	c.write(1+of, uint64(f.ID-c.lastID), zigzag(at-c.lastAt), since(f.Times.FirstByte, at), since(f.Times.Done, at))
	c.lastID, c.lastAt = f.ID, at
	c.conn(connOf(f.Conn), at)
}

// plain reports whether nothing is lost of a flow that a judgement of all flows may ask for later.
func plain(f *flow.Flow) bool {
	p, c, a := f.Response, f.Conn, f.AWS
	switch {
	case !f.Final(), p == nil, c == nil, f.Failure != nil, screen.IsPage(f):
		return false
	case len(p.Traits) > 0, len(f.Unused) > 0, len(f.Later) > 0, f.Tunnel != nil, c.Authority == c.UpstreamProxy:
		return false
	case a != nil && (a.Error != nil || a.InnerStatus != 0 || a.Measured != 0 || len(a.Beacon) > 0 || a.PreflightOf != nil):
		return false
	}
	return exact(f.Times.Start) && exact(c.Start) && (f.Times.FirstByte.IsZero() || exact(f.Times.FirstByte)) &&
		(f.Times.Done.IsZero() || exact(f.Times.Done))
}

// exact reports whether an instant is the same after it was a number of nanoseconds.
func exact(at time.Time) bool {
	return time.Unix(0, at.UnixNano()).UTC() == at //nolint:staticcheck // in UTC, too
}

func (k kind) flow() *flow.Flow {
	f := &flow.Flow{
		State: flow.StateDone, Source: k.source, Exporter: k.exporter, Origin: k.origin, Reused: k.reused,
		Request: flow.Request{Method: k.method}, Response: &flow.Response{Status: k.status},
	}
	if k.call {
		f.AWS = &flow.AWS{Service: k.service, Operation: k.operation, DecodedBy: k.decodedBy}
	}
	return f
}

// chunk is the size of a chunk, and entry the most that an entry takes: ten numbers.
const (
	chunk = 64 << 10
	entry = 10 * binary.MaxVarintLen64
)

func (c *Flows) write(numbers ...uint64) {
	last := &c.log[len(c.log)-1]
	for _, n := range numbers {
		*last = binary.AppendUvarint(*last, n)
	}
}

// begin makes room for an entry.
func (c *Flows) begin() {
	if n := len(c.log); n == 0 || len(c.log[n-1])+entry > chunk {
		c.log = append(c.log, make([]byte, 0, chunk))
	}
}

// All returns the flows. Each is valid until the next one: whoever keeps it has to copy it.
func (c *Flows) All() iter.Seq[*flow.Flow] {
	return func(yield func(*flow.Flow) bool) {
		var f flow.Flow
		whole, id, start := c.whole, flow.ID(0), int64(0)
		for _, b := range c.log {
			next := func() uint64 {
				v, n := binary.Uvarint(b)
				b = b[n:]
				return v
			}
			for len(b) > 0 {
				of := next()
				if of == 0 {
					if !yield(whole[0]) {
						return
					}
					whole = whole[1:]
					continue
				}
				f = *c.as[of-1]
				id += flow.ID(next())
				start += unzigzag(next())
				f.ID, f.Times.Start = id, instant(start)
				f.Times.FirstByte, f.Times.Done = after(start, next()), after(start, next())
				f.Conn = c.connAt(start, next)
				if !yield(&f) {
					return
				}
			}
		}
	}
}

func instant(ns int64) time.Time { return time.Unix(0, ns).UTC() }

// since is an instant as the time since another; 0 is none.
func since(at time.Time, start int64) uint64 {
	if at.IsZero() {
		return 0
	}
	return 1 + zigzag(at.UnixNano()-start)
}

// after is the inverse of since.
func after(start int64, n uint64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return instant(start + unzigzag(n-1))
}

// zigzag makes small numbers of either sign small numbers without one.
func zigzag(n int64) uint64 { return uint64(n<<1) ^ uint64(n>>63) } //nolint:gosec // bits

func unzigzag(n uint64) int64 { return int64(n>>1) ^ -int64(n&1) } //nolint:gosec // bits
