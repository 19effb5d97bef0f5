package intake

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"iter"
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"sync"

	"detour/internal/aws"
	"detour/internal/charset"
	"detour/internal/diagnose"
	"detour/internal/flow"
	"detour/internal/har"
	"detour/internal/unpack"
)

// A textFile is the source of a HAR or JSON Lines. What has no bodies and header fields is held in a few
// bytes; the rest is read from the file again.
type textFile struct {
	ctx     context.Context //nolint:containedctx // that of the Stream
	path    string
	text    io.ReaderAt
	file    *os.File    // the text; nil: it is held
	was     fs.FileInfo // the file when it was opened
	in      *Intake
	held    *held
	records *recordsAgain // nil: it is a HAR
	ended   error         // of the first reading; nil if all of the file could be read
	free    func()        // ends what keeps the heap small
}

// heapGrowth is by how much the heap may grow between two collections, in percent of what is in use.
const heapGrowth = 40

// openText reads a HAR or JSON Lines for the first time, to judge the flows.
func (s *Stream) openText(r Reader, path string) (err error) {
	x := &textFile{ctx: s.ctx, path: path, free: func() {}}
	s.file = x
	if err := x.open(r); err != nil {
		return err
	}
	t := r.newTexts(s.ctx, path)
	t.held, t.streams, t.again = r.newHeld(), true, newRecordsAgain(x.text)
	if t.again != nil || x.file == nil { // more than of a HAR in a file stays in memory
		before := debug.SetGCPercent(heapGrowth)
		x.free = sync.OnceFunc(func() { debug.SetGCPercent(before) })
	}
	in, err := x.reader()
	if err != nil {
		return err
	}
	defer in.Close()
	x.ended = t.all(in)
	if errors.Is(x.ended, errTogether) || t.len() == 0 {
		return errTogether
	}
	if err := t.usable(x.ended); err != nil {
		return err
	}
	x.in, x.held, s.Capture = t.in, t.held, t.got
	if !t.isHAR {
		x.records = t.again
	}
	s.Capture.Last = x.held.last(x.in)
	return s.judgeHeld(x.held, x.in)
}

// open opens the file, or what is held of stdin.
func (x *textFile) open(r Reader) (err error) {
	if r.held != nil && x.path == "-" {
		x.text = r.held
		return nil
	}
	if info, err := os.Stat(x.path); err != nil || !info.Mode().IsRegular() { // opening a pipe may block
		return errTogether
	}
	if x.file, err = os.Open(x.path); err != nil {
		return err
	}
	x.text = x.file
	x.was, err = x.file.Stat()
	return err
}

// judgeHeld judges the flows that are held. Never is as much in use as then, and soon it isn't any more.
func (s *Stream) judgeHeld(h *held, in *Intake) error {
	defer runtime.GC()
	defer debug.SetGCPercent(debug.SetGCPercent(heapGrowth))
	judging := diagnose.NewStream(s.Capture.Last)
	s.proved = s.from.Account.stream(s.Capture.Last)
	for f := range h.all(in) {
		f = f.CutOff(s.Capture.Last)
		judging.Add(f)
		s.proved.add(f)
		s.counts.add(f)
	}
	return s.conclude(judging, h.flows.Len())
}

// reader reads the text from its beginning.
func (x *textFile) reader() (*interruptible, error) {
	in := newInterruptible(x.ctx, func() (io.ReadCloser, error) {
		return io.NopCloser(io.NewSectionReader(x.text, 0, math.MaxInt64)), nil
	})
	if err := in.open(); err != nil {
		in.Close()
		return nil, err
	}
	return in, nil
}

func (x *textFile) all(whole bool, wanted func(flow.ID) bool, emit func(*flow.Flow) error) error {
	switch {
	case whole && x.records != nil:
		return x.replayRecords(wanted, emit)
	case whole:
		return x.replay(wanted, emit)
	}
	for f := range x.held.all(x.in) {
		if err := x.ctx.Err(); err != nil {
			return err
		}
		if wanted != nil && !wanted(f.ID) {
			continue
		}
		bare := *f // f may be held
		if err := emit(&bare); err != nil {
			return err
		}
	}
	return nil
}

// errEnough ends a reading after the last flow that is wanted.
var errEnough = errors.New("no more flows are wanted")

// some reads a HAR once for each run of rising IDs, unless all of them are kept.
func (x *textFile) some(whole bool, ids []flow.ID, emit func(*flow.Flow) error) error {
	if whole && x.records != nil {
		return x.someRecords(ids, emit)
	}
	for len(ids) > 0 {
		n := 1
		for n < len(ids) && ids[n] > ids[n-1] {
			n++
		}
		run := ids[:n]
		ids = ids[n:]
		if whole && x.held.failed.has(run) {
			for _, id := range run {
				f := x.held.failed.byID[id]
				x.held.named(&f)
				if err := emit(x.held.corrected(x.in, &f)); err != nil {
					return err
				}
			}
			continue
		}
		err := x.all(whole, func(id flow.ID) bool { return len(run) > 0 && run[0] == id }, func(f *flow.Flow) error {
			if err := emit(f); err != nil {
				return err
			}
			if run = run[1:]; len(run) == 0 {
				return errEnough
			}
			return nil
		})
		switch {
		case errors.Is(err, errEnough):
		case err != nil:
			return err
		default:
			return &Error{x.path, Damaged, errChanged}
		}
	}
	return nil
}

// replay reads a HAR again.
func (x *textFile) replay(wanted func(flow.ID) bool, emit func(*flow.Flow) error) error {
	in, err := x.reader()
	if err != nil {
		return err
	}
	defer in.Close()
	var ended, damaged error
	bare, stop := iter.Pull(x.held.flows.All())
	defer stop()
	i := -1
	hars := har.NewDecoder(func(f *flow.Flow) error {
		i++
		known, ok := bare()
		switch {
		case !ok || known.ID != f.ID:
			ended = &Error{x.path, Damaged, errChanged}
			return ended
		case wanted != nil && !wanted(f.ID):
			return nil
		}
		ended = emit(x.held.corrected(x.in, x.whole(i, known, f)))
		return ended
	})
	_, err = unpack.Each(in, unpack.Limits{Stop: x.ctx.Err}, rank, func(t unpack.Text) error {
		damaged = hars.Read(charset.UTF8(t))
		return nil
	})
	switch {
	case ended != nil:
		return ended
	case x.ctx.Err() != nil:
		return x.ctx.Err()
	case x.changed():
		return &Error{x.path, Damaged, errChanged}
	case err == nil && damaged == nil, x.ended != nil: // what can't be read was said before
		return nil
	}
	return &Error{x.path, NotRead, errors.Join(err, damaged)}
}

// changed reports whether the file isn't the one that was opened.
func (x *textFile) changed() bool {
	if x.file == nil {
		return false
	}
	now, err := x.file.Stat()
	return err != nil || now.Size() != x.was.Size() || !now.ModTime().Equal(x.was.ModTime())
}

// whole returns the i-th flow as it is known without bodies and header fields, with those of f, which was
// read again.
func (x *textFile) whole(i int, known, f *flow.Flow) *flow.Flow {
	if aws.Prepares(known) || len(known.Shortened) > 0 || (known.Response == nil) != (f.Response == nil) {
		x.in.again(f)
		x.held.named(f)
		return f
	}
	out := *known
	clean := x.held.bodies.has(i, f)
	out.Request.Headers, out.Request.Body = f.Request.Headers, f.Request.Body
	if f.Response != nil {
		r := *known.Response
		r.Headers, r.Body = f.Response.Headers, f.Response.Body
		out.Response = &r
	}
	x.in.redacts.Parts(&out, clean)
	return &out
}

func (x *textFile) close() {
	_ = x.file.Close() // nil has nothing to close; a second time does nothing
	x.free()
}
