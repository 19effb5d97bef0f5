package intake

import (
	"context"
	"errors"

	"detour/internal/capture/disk"
	"detour/internal/flow"
)

// ErrNotLive says that no run writes a file: there is nothing to follow.
var ErrNotLive = errors.New("no run writes this file")

// A RunState says what is known of the run that writes a capture.
type RunState int

// States of a run.
const (
	RunOver   RunState = iota // it ended before the file was opened, or isn't known
	RunGoesOn                 // it writes the file
	RunEnded                  // it closed the file
	RunKilled                 // it ended without closing the file
)

// A Follower reads what a run adds to its capture. It never writes to the file, and one
// goroutine uses it.
type Follower struct {
	reader  Reader
	file    *disk.File
	again   *Intake
	after   int64 // the last change that was read
	version int64 // of the file's data when that was read
	steps   int
}

// News are what a run has added.
type News struct {
	Flows    []*flow.Flow // those that are new, and those that changed, by ID; in progress as they are
	Steps    []flow.Step  // new ones
	Checks   []*flow.Check
	Total    int // flows in the file
	Run      RunState
	Capture  *flow.Capture // all of it, once the run is over; nil while it goes on
	Reloaded bool          // Flows are all that the reader selects
}

// Follow reads a capture as Read does, and returns a Follower for what comes afterwards. The
// error is ErrNotLive if no run writes the file, or that of Read.
func (r Reader) Follow(ctx context.Context, path string) (*Follower, *flow.Capture, error) {
	file, err := disk.Open(path)
	if err != nil || !file.Live() {
		if err == nil {
			_ = file.Close()
		}
		return nil, nil, ErrNotLive
	}
	r.Pending = true
	f := &Follower{reader: r, file: file}
	got, err := f.begin(ctx)
	if err != nil {
		_ = file.Close()
		return nil, nil, err
	}
	return f, got, nil
}

func (f *Follower) begin(ctx context.Context) (*flow.Capture, error) {
	var err error
	if f.version, err = f.file.DataVersion(ctx); err != nil {
		return nil, err
	}
	changes, err := f.file.Changes(ctx, 0)
	if err != nil {
		return nil, err
	}
	f.after = changes.Now
	got, err := f.reader.capture(ctx, f.file)
	if err != nil {
		return nil, err
	}
	f.again = New(Config{Tables: f.reader.Tables, KeepSecrets: got.RawSecrets})
	f.steps = len(got.Steps)
	return got, nil
}

// Close closes the file.
func (f *Follower) Close() { _ = f.file.Close() }

// Next returns what is new since the last call; nil if nothing is. After the run's end it
// returns the whole capture once, and must not be called again.
func (f *Follower) Next(ctx context.Context) (*News, error) {
	state := RunGoesOn
	switch live := f.file.Live(); {
	case f.file.Ended():
		state = RunEnded
	case !live && !f.file.Ended():
		state = RunKilled
	}
	version, err := f.file.DataVersion(ctx)
	if err != nil || version == f.version && state == RunGoesOn {
		return nil, err
	}
	f.version = version
	n := &News{Run: state}
	if state != RunGoesOn {
		n.Capture, err = f.reader.capture(ctx, f.file)
		if err == nil {
			n.Flows, n.Steps, n.Checks, n.Total, n.Reloaded = n.Capture.Flows, f.newSteps(n.Capture), n.Capture.Checks, n.Capture.Selected, true
		}
		return n, err
	}
	return n, f.changes(ctx, n)
}

// changes reads what has changed of a file that is written.
func (f *Follower) changes(ctx context.Context, n *News) error {
	changes, err := f.file.Changes(ctx, f.after)
	if err != nil {
		return err
	}
	about, _ := f.reader.about(ctx, f.file)
	n.Steps, n.Checks = f.newSteps(about), about.Checks
	n.Total = f.file.Written()
	f.after = changes.Now
	if changes.Gap {
		got, err := f.reader.capture(ctx, f.file)
		if err == nil {
			n.Flows, n.Reloaded = got.Flows, true
		}
		return err
	}
	_, err = f.file.FlowsOf(ctx, changes.Flows, func(x *flow.Flow) error {
		f.again.redacts.Flow(x)
		n.Flows = append(n.Flows, x)
		return nil
	})
	return err
}

// newSteps returns the steps behind those that are known.
func (f *Follower) newSteps(c *flow.Capture) []flow.Step {
	if len(c.Steps) <= f.steps {
		return nil
	}
	fresh := c.Steps[f.steps:]
	f.steps = len(c.Steps)
	return fresh
}
