package intake

import (
	"context"
	"errors"

	"detour/internal/capture/disk"
	"detour/internal/diagnose"
	"detour/internal/finding"
	"detour/internal/flow"
)

// A Stream is a capture that is read from its file again each time its flows are needed, so it takes
// little memory however many there are.
type Stream struct {
	Capture *flow.Capture // without flows

	ctx    context.Context
	from   Reader
	path   string
	file   source
	codes  claims     // of the findings
	counts Counts     // of all flows of a capture
	chosen *selection // the flows that are selected; nil: all
	strict *Strict    // redacts them once more; nil: nothing does
	proved provedStream
	bare   bool // Read has those that aren't selected without bodies and header fields
}

// A source reads the flows of a file by ID, each time the same: as they are before they are judged. It
// calls emit with those that are wanted, and returns its error. Any other error says that they can't be read
// as before.
type source interface {
	// all reads the flows, without their bodies and header fields if whole is false. wanted is nil if all
	// are wanted. Otherwise, those that the Reader can't select may be left out before it is asked.
	all(whole bool, wanted func(flow.ID) bool, emit func(*flow.Flow) error) error
	// some reads those with these IDs, which are wanted, in their order.
	some(whole bool, ids []flow.ID, emit func(*flow.Flow) error) error
	close()
}

// Stream opens what Read returns as a Stream. It returns nil if the flows have to be in memory together:
// it can't be read twice (see Hold); it has several texts that are read as one capture; it isn't a capture or a
// HAR; of a capture, not everything can be read; the flows were redacted strictly when they were recorded.
// Read then says what is wrong.
func (r Reader) Stream(ctx context.Context, path string) *Stream {
	if r.Max > 0 || r.Pending || path == "-" && r.Stdin != nil && r.held == nil {
		return nil
	}
	var said []Notice
	hearing := r
	hearing.Notice = func(n Notice) { said = append(said, n) }
	s := &Stream{ctx: ctx, from: r, path: path}
	if err := s.open(hearing); err != nil {
		if s.file != nil {
			s.file.close()
		}
		return nil
	}
	if r.Notice != nil {
		for _, n := range said {
			r.Notice(n)
		}
	}
	s.from.saysSecrets(path, s.Capture)
	return s
}

func (s *Stream) open(r Reader) error {
	if s.path == "-" && r.held != nil {
		return s.openText(r, s.path)
	}
	switch file, err := disk.Open(s.path); {
	case err == nil:
		return s.openCapture(r, file)
	case errors.Is(err, disk.ErrNotCapture):
		return s.openText(r, s.path)
	default:
		return err
	}
}

var errTogether = errors.New("the flows have to be read together")

// conclude selects and redacts the n flows, which were judged.
func (s *Stream) conclude(judging *diagnose.Stream, n int) error {
	c := s.Capture
	c.Selected = n
	recorded, before := provedBefore{New(Config{KeepSecrets: c.RawSecrets}).Text}, c.Findings
	c.Findings = judging.Findings(c.Environment)
	if s.from.selects() {
		if err := s.choose(n); err != nil {
			return err
		}
	}
	if s.from.Strict {
		if err := s.tighten(); err != nil {
			return err
		}
		recorded.text = s.strict.Text
	}
	if s.proved.study != nil {
		if err := s.prove(); err != nil {
			return err
		}
	}
	if s.strict != nil {
		for i := range c.Findings {
			c.Findings[i] = s.strict.texts.Finding(c.Findings[i])
		}
	}
	if s.proved.study == nil {
		recorded.add(c.Findings, before)
	}
	if s.chosen != nil {
		c.Findings = finding.AboutFlows(c.Findings, s.has)
	}
	s.codes = claimsOf(c.Findings)
	return nil
}

// returned is a flow of the source as Read returns it.
func (s *Stream) returned(f *flow.Flow) *flow.Flow {
	if s.strict != nil {
		f = s.strict.Flow(f)
	}
	f = f.CutOff(s.Capture.Last)
	f.Findings = s.codes.of(f.ID)
	return f
}

// Flows reads the flows, with their header fields and bodies if the Reader reads those.
func (s *Stream) Flows() flow.Flows { return s.flows(s.from.Whole) }

// Bodiless reads the flows without their bodies and header fields: it takes less time, and those that
// are kept take less memory.
func (s *Stream) Bodiless() flow.Flows { return s.flows(false) }

func (s *Stream) flows(whole bool) flow.Flows {
	n := 0
	return s.each(func(emit func(*flow.Flow) error) error {
		n = 0
		return s.file.all(whole, s.has, func(f *flow.Flow) error {
			n++
			return emit(f)
		})
	}, func() bool { return n == s.Capture.Selected })
}

// Some reads the flows with these IDs, in their order, without their bodies and header fields if whole is
// false.
func (s *Stream) Some(ids []flow.ID, whole bool) flow.Flows {
	return s.each(func(emit func(*flow.Flow) error) error {
		return s.file.some(whole && s.from.Whole, ids, emit)
	}, func() bool { return true })
}

// each are the flows that read reads. It is an error if they aren't complete in the end.
func (s *Stream) each(read func(emit func(*flow.Flow) error) error, complete func() bool) flow.Flows {
	return func(yield func(*flow.Flow, error) bool) {
		enough := false
		err := read(func(f *flow.Flow) error {
			if !yield(s.returned(f), nil) {
				enough = true
				return errTogether
			}
			return nil
		})
		if enough {
			return
		}
		if s.ctx.Err() != nil {
			err = s.ctx.Err()
		} else if err == nil && !complete() {
			err = &Error{s.path, Damaged, errChanged}
		}
		if err != nil {
			yield(nil, err)
		}
	}
}

// errChanged says that what could be read of a file before can't be read again.
var errChanged = errors.New("it has changed while it was read")

// Close closes the file. It may be called again.
func (s *Stream) Close() { s.file.close() }
