// Package packed keeps flows as they were read from a HAR, or from flow records, in a few bytes each:
// Flows.All returns equal ones. Flows that have anything unusual stay as they are; an unusual connection
// does so once, for all its flows.
package packed

import (
	"iter"
	"reflect"

	"detour/internal/flow"
)

// Flows are flows in the order in which they were added. The zero value is empty and ready to use.
type Flows struct {
	n     int
	whole []*flow.Flow // those that aren't packed
	log   [][]byte     // chunks of the others, one after the other; 0 stands for one of whole
	words words
	conns conns
	last  previous

	out  []byte // a flow that is being packed
	rest rest   // what isn't packed of it
}

// A previous is what the next flow that is packed is compared with.
type previous struct {
	id    flow.ID
	start int64 // in ns since 1970
}

// A rest is what is left of a flow when what is packed is taken out: nothing, or it isn't packed.
type rest struct {
	flow     flow.Flow
	aws      flow.AWS
	response flow.Response
}

// chunk is the size of a chunk.
const chunk = 64 << 10

// Add adds a flow, and reports whether it was packed. Otherwise it is kept.
func (p *Flows) Add(f *flow.Flow) (packed bool) {
	e := encoder{out: p.out[:0], words: &p.words, conns: &p.conns, start: f.Times.Start, last: p.last, rest: &p.rest}
	p.rest = rest{flow: *f}
	e.number(1)
	e.flow()
	p.out = e.out
	if e.odd || !reflect.ValueOf(&p.rest).Elem().IsZero() {
		p.Keep(f)
		return false
	}
	p.n++
	p.last = previous{f.ID, f.Times.Start.UnixNano()}
	p.write(e.out)
	return true
}

// Keep adds a flow that isn't packed.
func (p *Flows) Keep(f *flow.Flow) {
	p.n++
	p.whole = append(p.whole, f)
	p.write([]byte{0})
}

func (p *Flows) write(b []byte) {
	if n := len(p.log); n == 0 || len(p.log[n-1])+len(b) > cap(p.log[n-1]) {
		p.log = append(p.log, make([]byte, 0, max(chunk, len(b))))
	}
	last := &p.log[len(p.log)-1]
	*last = append(*last, b...)
}

// Len is the number of flows.
func (p *Flows) Len() int { return p.n }

// Whole are the flows that aren't packed.
func (p *Flows) Whole() []*flow.Flow { return p.whole }

// All returns the flows. Those that were packed are new each time.
func (p *Flows) All() iter.Seq[*flow.Flow] {
	return func(yield func(*flow.Flow) bool) {
		whole, d := p.whole, decoder{words: p.words.list, conns: p.conns.list}
		for _, b := range p.log {
			for d.in = b; len(d.in) > 0; {
				var f *flow.Flow
				if d.number() == 0 {
					f, whole = whole[0], whole[1:]
				} else {
					f = d.flow()
				}
				if !yield(f) {
					return
				}
			}
		}
	}
}
