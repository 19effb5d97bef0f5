package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"detour/internal/atomicfile"
	"detour/internal/capture"
	"detour/internal/export"
	"detour/internal/flow"
	"detour/internal/intake"
	"detour/internal/session"
	"detour/internal/usererr"
	"detour/ui"
)

// An evidence writes what a store keeps, as detour export writes a file. Its methods
// may be called concurrently.
type evidence struct {
	store *capture.Store
	about func() flow.Capture // all but the flows and the findings
	now   func() time.Time    // when the picture was taken
}

// count says what an export would be of, and writes nothing.
func (e evidence) count(ctx context.Context, x ui.Export) (ui.Exported, error) {
	c, err := e.gather(ctx, x)
	if err != nil {
		return ui.Exported{}, err
	}
	return counted(ctx, c)
}

// write writes an export into a new file.
func (e evidence) write(ctx context.Context, x ui.Export) (ui.Exported, error) {
	c, err := e.gather(ctx, x)
	if err != nil {
		return ui.Exported{}, err
	}
	if len(c.Flows) == 0 {
		return ui.Exported{}, errors.New("there is no flow to write")
	}
	if _, err := os.Lstat(x.File); err == nil {
		return ui.Exported{}, errors.New(x.File + " is there already; take another name")
	}
	out, err := counted(ctx, c)
	if err != nil {
		return ui.Exported{}, err
	}
	if err := atomicfile.Write(x.File, false, func(w io.Writer) error { return export.Write(until{w, ctx.Err}, x.Format, c, version()) }); err != nil {
		return ui.Exported{}, usererr.InOneLine(err)
	}
	if out.File, err = filepath.Abs(x.File); err != nil {
		out.File = x.File
	}
	return out, nil
}

// An until writes as long as nobody has given up.
type until struct {
	io.Writer
	over func() error
}

func (u until) Write(b []byte) (int, error) {
	if err := u.over(); err != nil {
		return 0, err
	}
	return u.Writer.Write(b)
}

// gather takes the flows that are still kept, whole. What is under way is judged as
// it stands, and then cut off.
func (e evidence) gather(ctx context.Context, x ui.Export) (*flow.Capture, error) {
	c, now := e.about(), e.now()
	for _, id := range x.Flows {
		if f := e.store.Get(id); f != nil {
			c.Flows = append(c.Flows, f)
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	if x.Strict {
		c.Steps = slices.Clone(c.Steps)
		intake.Tighten(&c)
	}
	c.Findings = intake.Judge(c.Flows, now)
	for i, f := range c.Flows {
		c.Flows[i] = f.CutOff(now)
	}
	return &c, nil
}

// counted is what an export is of, with what was redacted in it.
func counted(ctx context.Context, c *flow.Capture) (ui.Exported, error) {
	redacted, err := export.Redactions(ctx, c.Flows)
	return ui.Exported{Flows: len(c.Flows), Redacted: redacted, Secrets: c.RawSecrets}, err
}

// actions are those of the table that write evidence.
func (e evidence) actions(act *ui.Actions) {
	act.Export.Write, act.Export.Count = e.write, e.count
	act.Export.Name = "detour-" + time.Now().Format("2006-01-02T150405")
}

// evidenceOfRun is of a run as it is now.
func evidenceOfRun(s *session.Session) evidence {
	return evidence{store: s.Store(), now: time.Now, about: s.About}
}

// evidenceOf is of a capture that was read into a store.
func evidenceOf(store *capture.Store, got *flow.Capture) evidence {
	last := intake.LastInstant(got.Flows)
	about := *got
	about.Flows, about.Findings = nil, nil
	return evidence{store: store, now: func() time.Time { return last }, about: func() flow.Capture {
		c := about
		c.Steps = store.Steps()
		return c
	}}
}
