package intake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

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
	file   *disk.File
	again  *Intake
	codes  map[flow.ID][]string
	chosen *selection // the flows that are selected; nil: all
	strict *Strict    // redacts them once more; nil: nothing does
}

// Stream opens what Read returns as a Stream. It returns nil if the flows have to be in
// memory together: the file isn't a capture or not all of it can be read, they were redacted strictly when
// they were recorded, or they are joined with an account. Read then says what is wrong.
func (r Reader) Stream(ctx context.Context, path string) *Stream {
	if r.Account.Config != nil || r.Max > 0 || r.Pending {
		return nil
	}
	file, err := disk.Open(path)
	if err != nil {
		return nil
	}
	if s := r.stream(ctx, file); s != nil {
		return s
	}
	file.Close()
	return nil
}

var errTogether = errors.New("the flows have to be read together")

// stream reads the file for the first time, to judge its flows.
func (r Reader) stream(ctx context.Context, file *disk.File) *Stream {
	if file.Snapshot(ctx) != nil {
		return nil
	}
	s := &Stream{ctx: ctx, from: r, file: file}
	var said []Notice
	r.Notice = func(n Notice) { said = append(said, n) }
	s.Capture, s.again = r.about(ctx, file)
	c := s.Capture
	c.Last = file.LastInstant(ctx)
	judging, n := diagnose.NewStream(c.Last), 0
	res, err := s.query(disk.Query{Bodies: r.Whole}, func(f *flow.Flow) error {
		if f.DropHeaders(); f.Strict || c.Strict || LastInstant([]*flow.Flow{f}).After(c.Last) {
			return errTogether
		}
		judging.Add(f)
		if n++; r.Progress != nil {
			r.Progress(1)
		}
		return nil
	})
	if r.Progress != nil {
		r.Progress(0)
	}
	if err != nil || n == 0 || !res.Unread.None() || res.Bodies > 0 || res.Why != nil || res.Lacks != nil {
		return nil
	}
	c.Selected = n
	recorded, before := provedBefore{New(Config{KeepSecrets: c.RawSecrets}).Text}, c.Findings
	c.Findings = judging.Findings(c.Environment)
	if r.selects() && s.choose(ctx, n) != nil {
		return nil
	}
	if r.Strict {
		if s.tighten() != nil {
			return nil
		}
		recorded.text = s.strict.Text
	}
	recorded.add(c.Findings, before)
	if s.chosen != nil {
		c.Findings = finding.AboutFlows(c.Findings, s.has)
	}
	s.codes = diagnose.ByFlow(c.Findings)
	for _, n := range said {
		s.from.notice(n.Path, "%s", n.Text)
	}
	s.from.saysSecrets(file.Path, c)
	return s
}

// query calls emit with the flows as Read returns them. They have no findings yet in the first reading.
func (s *Stream) query(q disk.Query, emit func(*flow.Flow) error) (disk.Result, error) {
	return s.file.Flows(s.ctx, q, func(f *flow.Flow) error {
		if !s.has(f.ID) {
			return nil
		}
		if s.again.redacts.Flow(f); s.strict != nil {
			f = s.strict.Flow(f)
		}
		f = f.CutOff(s.Capture.Last)
		f.Findings = s.codes[f.ID]
		return emit(f)
	})
}

// Flows reads the flows, with their header fields and bodies if the Reader reads those.
func (s *Stream) Flows() flow.Flows { return s.flows(s.from.Whole) }

// Bodiless reads the flows without their bodies and header fields: it takes less time, and those that
// are kept take less memory.
func (s *Stream) Bodiless() flow.Flows { return s.flows(false) }

func (s *Stream) flows(bodies bool) flow.Flows {
	return func(yield func(*flow.Flow, error) bool) {
		enough, n := false, 0
		res, err := s.query(s.from.query(bodies), func(f *flow.Flow) error {
			if !bodies {
				f.DropHeaders()
			}
			if n++; !yield(f, nil) {
				enough = true
				return errTogether
			}
			return nil
		})
		switch {
		case enough:
		case s.ctx.Err() != nil:
			yield(nil, s.ctx.Err())
		case err != nil:
			yield(nil, &Error{s.file.Path, NotRead, err})
		case n != s.Capture.Selected || res.Bodies > 0: // they could be read before
			yield(nil, &Error{s.file.Path, Damaged, res.Why})
		}
	}
}

// someAtOnce is how many flows [Stream.Some] reads together.
const someAtOnce = 100

// Some reads the flows with these IDs, in their order.
func (s *Stream) Some(ids []flow.ID) flow.Flows {
	return func(yield func(*flow.Flow, error) bool) {
		for some := range slices.Chunk(ids, someAtOnce) {
			read, err := s.some(some)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, id := range some {
				f := read[id]
				if f == nil { // it could be read before
					yield(nil, &Error{s.file.Path, Damaged, fmt.Errorf("flow %d can't be read again", id)})
					return
				}
				if !yield(f, nil) {
					return
				}
			}
		}
	}
}

func (s *Stream) some(ids []flow.ID) (map[flow.ID]*flow.Flow, error) {
	out := make(map[flow.ID]*flow.Flow, len(ids))
	q := disk.Query{Bodies: s.from.Whole, Where: "f.id IN (?" + strings.Repeat(",?", len(ids)-1) + ")"}
	for _, id := range ids {
		q.Args = append(q.Args, int64(id)) //nolint:gosec // as they are stored
	}
	_, err := s.query(q, func(f *flow.Flow) error {
		out[f.ID] = f
		return nil
	})
	switch {
	case s.ctx.Err() != nil:
		return nil, s.ctx.Err()
	case err != nil:
		return nil, &Error{s.file.Path, NotRead, err}
	}
	return out, nil
}

// Close closes the file.
func (s *Stream) Close() { s.file.Close() }
