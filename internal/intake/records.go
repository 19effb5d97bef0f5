package intake

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"iter"
	"slices"

	"detour/internal/flow"
	"detour/internal/jsonstream"
)

// records are the flow records of a text, and what of it can't be read. The text may have several runs, and
// several revisions of a flow.
type records struct {
	all   []recordAt      // each flow of each run once, run by run
	flows []*flow.Flow    // if they are kept
	runs  []run           // at least one if there are flows
	known map[flow.ID]int // where the flows of the last run are in all; nil as long as their IDs increase

	bad   int   // how many parts can't be read
	why   error // of the first
	short int   // the line of the last record, if it is incomplete; or else 0

	simulated bool // they are of a demo
}

// A run is what one run of detour wrote.
type run struct {
	from int     // where it begins in records.all
	conn flow.ID // the highest ID of a connection; by how much they are raised, after number
}

// A recordAt is the newest revision of a flow. There may be very many.
type recordAt struct {
	id     flow.ID
	start  int64 // in ns since 1970; wrong before 1678 and after 2262
	at     int64 // where its record is in the text, in bytes; or where it is among the flows that are kept
	length uint32
	rev    uint32
	run    uint32
}

// read reads flow records, one a line or laid out in another way; see [jsonstream.Reader]. It keeps the
// flows, unless next is given: that gets each, in the order of the text, together with whether the text so
// far has each flow once, by ID. quote prepares a part of the text for an error. The error is that of next,
// or means that the rest can't be read.
func (r *records) read(in *bufio.Reader, quote func([]byte) string, next func(f *flow.Flow, sorted bool) error) error {
	text := jsonstream.NewReader(in, maxRecord)
	return text.All(func(object []byte, line int) error {
		f, err := r.parse(object)
		if err != nil {
			r.lack(line, err, quote(object))
			return nil
		}
		x := recordAt{
			id: f.ID, start: f.Times.Start.UnixNano(), rev: f.Rev,
			at: text.Offset(), length: uint32(len(object)), //nolint:gosec // at most maxRecord
		}
		if next == nil {
			x.at = int64(len(r.flows))
			r.flows = append(r.flows, f)
		}
		older, superseded := r.add(x, lastConn(f))
		switch {
		case next != nil:
			return next(f, r.known == nil)
		case superseded:
			r.flows[older.at] = nil
		}
		return nil
	}, func(b *jsonstream.BadError) {
		switch {
		case errors.Is(b.Err, jsonstream.ErrTooLong):
			r.lack(b.Line, errLong, quote(b.Text))
		case errors.Is(b.Err, jsonstream.ErrIncomplete) && b.Last:
			r.bad++
			r.short = b.Line
		default:
			r.lack(b.Line, b.Err, quote(b.Text))
		}
	})
}

func (r *records) lack(line int, err error, quoted string) {
	if r.bad++; r.why == nil {
		r.why = fmt.Errorf("line %d: %w: %s", line, err, quoted)
	}
}

func (r *records) parse(object []byte) (*flow.Flow, error) {
	record, err := parseRecord(object)
	if err != nil {
		return nil, err
	}
	r.simulated = r.simulated || record.Simulated
	return record.Flow(), nil
}

// add adds a record, whose flow has connections with at most this ID, and returns which one it supersedes; or
// it is that itself. It is of another run if that has another flow with the same ID.
func (r *records) add(x recordAt, conn flow.ID) (older recordAt, superseded bool) {
	if len(r.runs) == 0 {
		r.runs = []run{{}}
	}
	if n := len(r.all); r.known == nil && n > 0 && x.id <= r.all[n-1].id {
		r.known = make(map[flow.ID]int, n)
		for i, f := range r.all {
			r.known[f.id] = i
		}
	}
	i, known := r.known[x.id]
	if known && r.all[i].start != x.start {
		r.runs = append(r.runs, run{from: len(r.all)})
		clear(r.known)
		known = false
	}
	last := len(r.runs) - 1
	r.runs[last].conn = max(r.runs[last].conn, conn)
	switch x.run = uint32(last); { //nolint:gosec // a count
	case !known:
		if r.known != nil {
			r.known[x.id] = len(r.all)
		}
		r.all = append(r.all, x)
		return older, false
	case r.all[i].rev > x.rev:
		return x, true
	}
	older, r.all[i] = r.all[i], x
	return older, true
}

// number sorts the flows by ID; those of several runs by time, and numbers them. The IDs, and those of the
// connections, are raised by those before them.
func (r *records) number(lastFlow, lastConn flow.ID) {
	r.known = nil
	flows, to := lastFlow, 0
	for k, x := range r.runs {
		if to = len(r.all); k+1 < len(r.runs) {
			to = r.runs[k+1].from
		}
		of := r.all[x.from:to]
		slices.SortFunc(of, func(a, b recordAt) int { return cmp.Compare(a.id, b.id) })
		raised := flows
		for i := range of {
			of[i].id += raised
			flows = of[i].id
		}
		r.runs[k].conn = lastConn
		lastConn += x.conn
	}
	if len(r.runs) < 2 {
		return
	}
	slices.SortStableFunc(r.all, func(a, b recordAt) int { return cmp.Compare(a.start, b.start) })
	for i := range r.all {
		r.all[i].id = lastFlow + flow.ID(i+1) //nolint:gosec // a count
	}
}

// numbered gives a flow the IDs that it has after number.
func (r *records) numbered(x recordAt, f *flow.Flow) {
	f.ID = x.id
	by := r.runs[x.run].conn
	if f.Conn != nil && f.Conn.ID != 0 {
		f.Conn.ID += by
	}
	for _, c := range f.Unused {
		c.ID += by
	}
}

// kept are the flows, if they are kept. They aren't any more then.
func (r *records) kept() iter.Seq[*flow.Flow] {
	return func(yield func(*flow.Flow) bool) {
		for _, x := range r.all {
			f := r.flows[x.at]
			r.flows[x.at] = nil
			r.numbered(x, f)
			if !yield(f) {
				return
			}
		}
	}
}

// lastConn is the highest ID of the connections of a flow.
func lastConn(f *flow.Flow) (last flow.ID) {
	if f.Conn != nil {
		last = f.Conn.ID
	}
	for _, c := range f.Unused {
		last = max(last, c.ID)
	}
	return last
}
