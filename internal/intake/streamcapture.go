package intake

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"detour/internal/capture/disk"
	"detour/internal/diagnose"
	"detour/internal/flow"
)

// A captureFile is the source of a capture.
type captureFile struct {
	ctx   context.Context //nolint:containedctx // that of the Stream
	from  Reader
	file  *disk.File
	again *Intake
}

// openCapture reads a capture for the first time, to judge its flows.
func (s *Stream) openCapture(r Reader, file *disk.File) error {
	x := &captureFile{ctx: s.ctx, from: r, file: file}
	s.file, s.bare = x, !r.Keep.ListsFindings()
	if err := file.Snapshot(s.ctx); err != nil {
		return err
	}
	s.Capture, x.again = r.about(s.ctx, file)
	c := s.Capture
	c.Last = file.LastInstant(s.ctx)
	judging, n := diagnose.NewStream(c.Last), 0
	s.proved = r.Account.stream(c.Last)
	progress := r.Progress
	if progress == nil {
		progress = func(int) {}
	}
	defer progress(0)
	res, err := file.Flows(s.ctx, disk.Query{Bodies: r.Whole}, func(f *flow.Flow) error {
		f.DropBodies()
		f.DropHeaders()
		x.again.redacts.Flow(f)
		if f = f.CutOff(c.Last); f.Strict || c.Strict || LastInstant([]*flow.Flow{f}).After(c.Last) {
			return errTogether
		}
		judging.Add(f)
		s.proved.add(f)
		s.counts.add(f)
		n++
		progress(1)
		return nil
	})
	switch {
	case err != nil:
		return err
	case n == 0 || !res.Unread.None() || res.Bodies > 0 || res.Why != nil || res.Lacks != nil:
		return errTogether
	}
	return s.conclude(judging, n)
}

// flows calls emit with flows as they are redacted now.
func (x *captureFile) flows(q disk.Query, wanted func(flow.ID) bool, emit func(*flow.Flow) error) error {
	var ended error
	res, err := x.file.Flows(x.ctx, q, func(f *flow.Flow) error {
		if wanted != nil && !wanted(f.ID) {
			return nil
		}
		if !q.Bodies {
			f.DropHeaders()
		}
		x.again.redacts.Flow(f)
		ended = emit(f)
		return ended
	})
	switch {
	case ended != nil:
		return ended
	case err != nil:
		return &Error{x.file.Path, NotRead, err}
	case res.Bodies > 0: // they could be read before
		return &Error{x.file.Path, Damaged, res.Why}
	}
	return nil
}

func (x *captureFile) all(whole bool, wanted func(flow.ID) bool, emit func(*flow.Flow) error) error {
	q := disk.Query{Bodies: whole}
	if wanted != nil {
		q = x.from.query(whole)
	}
	return x.flows(q, wanted, emit)
}

// someAtOnce is how many flows are read together.
const someAtOnce = 100

func (x *captureFile) some(whole bool, ids []flow.ID, emit func(*flow.Flow) error) error {
	for some := range slices.Chunk(ids, someAtOnce) {
		read := make(map[flow.ID]*flow.Flow, len(some))
		q := disk.Query{Bodies: whole, Where: "f.id IN (?" + strings.Repeat(",?", len(some)-1) + ")"}
		for _, id := range some {
			q.Args = append(q.Args, int64(id)) //nolint:gosec // as they are stored
		}
		err := x.flows(q, nil, func(f *flow.Flow) error {
			read[f.ID] = f
			return nil
		})
		if err != nil {
			return err
		}
		for _, id := range some {
			f := read[id]
			if f == nil { // it could be read before
				return &Error{x.file.Path, Damaged, fmt.Errorf("flow %d can't be read again", id)}
			}
			if err := emit(f); err != nil {
				return err
			}
		}
	}
	return nil
}

func (x *captureFile) close() { x.file.Close() }
