package har

import (
	"errors"

	"detour/internal/fault"
)

// Entries are parsed on a goroutine of their own, so that reading a large file takes two processors.
// The rest, which depends on the entries before, stays where it was.

// A parsed is an entry as the file has it.
type parsed struct {
	entry
	err error // why it can't be used, or a part of it can't
	at  int64 // how much of the file was read up to its end
}

// A batch are entries that are handed over together.
type batch struct {
	entries []parsed
	headers []header // of the entries
}

// Batches are bounded, and so is their number: one is filled while another is emptied.
const (
	batches      = 2
	batchEntries = 64
	batchBytes   = 1 << 20
)

// A parser fills batches.
type parser struct {
	in    *scanner
	quick *quick
	limit int         // bytes of an entry
	empty chan *batch // closed: nobody wants more
	full  chan *batch // closed at the end
	err   error       // why it ended; to be read afterwards
	fault *fault.Panic

	batch *batch
	began int64 // where the batch began
}

// entries reads the array of entries.
func (d *decoder) entries() error {
	p := &parser{in: &d.in, quick: d.quick, limit: d.limit, empty: make(chan *batch, batches), full: make(chan *batch, batches)}
	for range batches {
		p.empty <- &batch{}
	}
	go p.run()
	var ended error
	var at int64
	for b := range p.full {
		if ended != nil {
			continue // until the parser has noticed
		}
		if at, ended = d.batch(b); ended != nil {
			close(p.empty)
			continue
		}
		p.empty <- b
	}
	p.fault.Raise()
	if ended != nil {
		d.in.at = at
		return ended
	}
	return p.err
}

// batch takes entries. With an error, it returns how much of the file was read up to the last one.
func (d *decoder) batch(b *batch) (at int64, err error) {
	for i := range b.entries {
		if err := d.entry(&b.entries[i]); err != nil {
			return b.entries[i].at, err
		}
	}
	return 0, nil
}

func (p *parser) run() {
	defer close(p.full)
	p.fault = fault.Catch(func() {
		p.err = p.in.list(p.entry)
		if p.batch != nil {
			p.flush()
		}
	})
}

// errUnwanted ends a parser whose entries nobody wants.
var errUnwanted = errors.New("nobody reads the entries")

// entry parses an entry.
func (p *parser) entry() error {
	if p.batch == nil {
		if p.batch = <-p.empty; p.batch == nil {
			return errUnwanted
		}
		p.batch.entries, p.quick.headers, p.began = p.batch.entries[:0], p.batch.headers[:0], p.in.at
	}
	raw, err := p.in.value(p.limit)
	if err != nil && !errors.Is(err, errTooLarge) {
		return err
	}
	p.batch.entries = append(p.batch.entries, parsed{err: err, at: p.in.at})
	if x := &p.batch.entries[len(p.batch.entries)-1]; err == nil && !p.quick.entry(raw, &x.entry) {
		x.entry = entry{}
		x.err = lenient(raw, &x.entry)
	}
	if len(p.batch.entries) == batchEntries || p.in.at-p.began > batchBytes {
		p.flush()
	}
	return nil
}

func (p *parser) flush() {
	p.batch.headers = p.quick.headers
	p.full <- p.batch
	p.batch = nil
}
