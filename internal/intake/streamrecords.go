package intake

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"io"
	"slices"

	"detour/internal/flow"
	"detour/internal/unpack"
)

// recordsAgain reads flow records of a file again, each where it is.
type recordsAgain struct {
	of   *records // nil: not read yet
	text io.ReaderAt
	skip int64 // what is before the text, in bytes

	window []byte // a part of the text
	from   int64  // where it begins
}

// newRecordsAgain returns one for a file that has JSON Lines as they are, in UTF-8; or else nil.
func newRecordsAgain(file io.ReaderAt) *recordsAgain {
	begin := make([]byte, 1<<16)
	n, _ := file.ReadAt(begin, 0)
	begin = begin[:n]
	if k, _ := kindOf(begin); k != recordsKind || bytes.IndexByte(begin, 0) >= 0 || !unpack.Plain(begin) {
		return nil
	}
	r := &recordsAgain{text: file}
	if bytes.HasPrefix(begin, []byte("\xef\xbb\xbf")) {
		r.skip = 3
	}
	return r
}

// hasLines reports whether a file has JSON Lines as they are.
func (r Reader) hasLines(path string) bool {
	x := &textFile{path: path, free: func() {}}
	defer x.close()
	return x.open(r) == nil && newRecordsAgain(x.text) != nil
}

// holdRecords holds the flows of JSON Lines. If the text hasn't each flow once, by ID, the records are read
// again in that order.
func (t *texts) holdRecords(read *records, text *bufio.Reader, quote func([]byte) string) error {
	all := true
	err := read.read(text, quote, func(f *flow.Flow, sorted bool) error {
		if sorted {
			return t.hold(f)
		}
		if all {
			all, t.held = false, t.newHeld()
		}
		return nil
	})
	if errors.Is(err, errTogether) {
		return err
	}
	read.number(0, 0)
	t.again.of = read
	if all {
		return err
	}
	t.in = t.in.anew()
	for _, x := range read.all {
		f, again := t.again.flow(x)
		if again == nil {
			again = cmp.Or(t.ctx.Err(), t.hold(f))
		}
		if again != nil {
			return errTogether
		}
	}
	return err
}

// flow reads a record again.
func (r *recordsAgain) flow(x recordAt) (*flow.Flow, error) {
	b, err := r.bytes(r.skip+x.at, int(x.length))
	if err != nil {
		return nil, err
	}
	f, err := r.of.parse(b)
	if err != nil || f.Rev != x.rev || f.Times.Start.UnixNano() != x.start {
		return nil, errChanged
	}
	r.of.numbered(x, f)
	return f, nil
}

// bytes returns n bytes of the file, until the next call.
func (r *recordsAgain) bytes(at int64, n int) ([]byte, error) {
	if at < r.from || at+int64(n) > r.from+int64(len(r.window)) {
		const size = 1 << 16
		r.window = slices.Grow(r.window[:0], max(size, n))[:max(size, n)]
		got, err := r.text.ReadAt(r.window, at)
		if got < n {
			r.window = r.window[:0]
			return nil, cmp.Or(err, errChanged)
		}
		r.window, r.from = r.window[:got], at
	}
	at -= r.from
	return r.window[at : at+int64(n)], nil
}

// index is where a flow is among the records.
func (r *recordsAgain) index(id flow.ID) (int, bool) {
	return slices.BinarySearchFunc(r.of.all, id, func(x recordAt, id flow.ID) int { return cmp.Compare(x.id, id) })
}

// replayRecords reads JSON Lines again.
func (x *textFile) replayRecords(wanted func(flow.ID) bool, emit func(*flow.Flow) error) error {
	i := -1
	for known := range x.held.flows.All() {
		i++
		if wanted != nil && !wanted(known.ID) {
			continue
		}
		f, err := x.record(i)
		if err != nil {
			return err
		}
		if err := emit(x.whole(i, known, f)); err != nil {
			return err
		}
	}
	if x.changed() {
		return &Error{x.path, Damaged, errChanged}
	}
	return nil
}

// someRecords reads the flows with these IDs.
func (x *textFile) someRecords(ids []flow.ID, emit func(*flow.Flow) error) error {
	for _, id := range ids {
		i, known := x.records.index(id)
		if !known {
			return &Error{x.path, Damaged, errChanged}
		}
		f, err := x.record(i)
		if err != nil {
			return err
		}
		x.in.again(f)
		x.held.named(f)
		if err := emit(f); err != nil {
			return err
		}
	}
	return nil
}

// record reads the i-th flow again.
func (x *textFile) record(i int) (*flow.Flow, error) {
	if err := x.ctx.Err(); err != nil {
		return nil, err
	}
	f, err := x.records.flow(x.records.of.all[i])
	if err != nil {
		return nil, &Error{x.path, Damaged, err}
	}
	return f, nil
}
