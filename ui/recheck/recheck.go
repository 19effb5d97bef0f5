// Package recheck tests hosts again from the table: once, or in the background until they answer.
package recheck

import (
	"cmp"
	"context"
	"errors"
	"sync/atomic"
	"time"

	"detour/internal/finding"
	"detour/internal/flow"
	"detour/internal/wording"
	"detour/ui/pane"
	"detour/ui/task"
)

// A Target is what is tested again: hosts, each host:port, and the findings that they are of.
type Target struct{ Hosts, Codes []string }

// Of returns the target of a finding. get returns a flow.
func Of(f flow.Finding, get func(flow.ID) *flow.Flow) Target {
	return Target{Hosts: f.Authorities(get), Codes: []string{f.Code}}
}

// OfRow returns the target of a row: that of the first problem it is part of, or its host:port.
func OfRow(about []flow.Finding, authority string, get func(flow.ID) *flow.Flow) Target {
	for _, x := range about {
		if t := Of(x, get); x.Level == flow.LevelProblem && len(t.Hosts) > 0 {
			return t
		}
	}
	if authority == "" {
		return Target{}
	}
	return Target{Hosts: []string{authority}}
}

// name names the hosts for the status line.
func (t Target) name() string {
	if len(t.Hosts) == 1 {
		return t.Hosts[0]
	}
	return wording.Count(len(t.Hosts), "host")
}

// Actions test hosts, each host:port, on goroutines of their own, and end with ctx. codes are those
// of the findings that the hosts are of. A nil one can't be used.
type Actions struct {
	// Check tests each address once. progress takes how far it is: "2 of 4 hosts".
	Check func(ctx context.Context, codes, hosts []string, progress func(string)) (*flow.Check, error)
	// Watch tests hosts until each address has answered several times in a row. state takes what
	// is known so far; what it gets isn't written to.
	Watch func(ctx context.Context, codes, hosts []string, state func(*flow.Check)) *flow.Check
	// Notify gets the person's attention, beside the screen. It runs on the goroutine that draws.
	Notify func(text string)
}

// A Tester tests hosts again. All fields except those of tests that aren't made are required. It
// belongs to the goroutine that draws.
type Tester struct {
	Actions
	Tasks  *task.Runner
	Report func(t pane.Tone, format string, args ...any) // shows an outcome
	Step   func(step flow.Step) error                    // takes the step since when all hosts answer
	Clean  func(text string) string                      // masks what leaves the screen

	Finding, Chosen func() Target // of the selected finding; and what a watch is of
	Unavailable     string        // why Check and Watch are nil; "": a general reason

	now *watching // nil: nothing is watched
}

// A watching is a watch in progress.
type watching struct {
	Target
	end   context.CancelFunc
	state atomic.Pointer[flow.Check] // shared: what is known so far
}

// clock writes an instant as a person at this machine reads it.
func clock(t time.Time) string { return t.Local().Format("15:04:05") }

const noHost = "it has no host that can be probed"

// CantCheck says why Once can't be used now; "" if it can.
func (w *Tester) CantCheck() string {
	switch {
	case w.Check == nil:
		return cmp.Or(w.Unavailable, "hosts can't be probed here")
	case len(w.Finding().Hosts) == 0:
		return noHost
	}
	return w.Tasks.Busy()
}

// CantWatch says why Toggle can't be used now; "" if it can.
func (w *Tester) CantWatch() string {
	switch {
	case w.now != nil:
		return ""
	case w.Watch == nil:
		return cmp.Or(w.Unavailable, "hosts can't be probed here")
	case len(w.Chosen().Hosts) == 0:
		return noHost
	}
	return ""
}

// Command is Toggle as a command without an argument.
func (w *Tester) Command(string) error {
	if why := w.CantWatch(); why != "" {
		return errors.New("watch: " + why)
	}
	w.Toggle()
	return nil
}

// Toggle begins a watch, or ends the one in progress.
func (w *Tester) Toggle() {
	if w.now != nil {
		w.stop()
		return
	}
	w.begin(w.Chosen())
}

// Once tests all hosts of the selected finding once.
func (w *Tester) Once() {
	t := w.Finding()
	w.Tasks.Start("checking "+t.name()+" again", func(ctx context.Context) func() {
		c, err := w.Check(ctx, t.Codes, t.Hosts, task.Progress(ctx))
		return func() {
			if err != nil {
				w.Report(pane.Bad, "%s: %v", t.name(), err)
				return
			}
			tone := pane.Bad
			if c.Outcome == flow.CheckWorks {
				tone = pane.Good
			}
			w.Report(tone, "%s: %s", t.name(), finding.CheckResult(c, clock))
		}
	})
}

func (w *Tester) begin(t Target) {
	ctx, cancel := context.WithCancel(w.Tasks.Context())
	x := &watching{Target: t, end: cancel}
	w.now = x
	w.Tasks.Aside(func(context.Context) func() {
		defer cancel()
		c := w.Watch(ctx, x.Codes, x.Hosts, func(c *flow.Check) { x.state.Store(c) })
		return func() {
			if w.now == x {
				w.now = nil
				w.ended(x.Target, c)
			}
		}
	})
	w.Report(pane.Good, "watching %s until every address answers; W stops it", x.name())
}

func (w *Tester) stop() {
	w.now.end()
	w.Report(pane.Dim, "no longer watching %s", w.now.name())
	w.now = nil
}

// ended tells of a watch that ended on its own.
func (w *Tester) ended(t Target, c *flow.Check) {
	result := t.name() + ": " + finding.CheckResult(c, clock)
	if c.Outcome != flow.CheckWorks {
		w.Report(pane.Bad, "%s", result)
		return
	}
	w.Report(pane.Good, "fixed: %s", result)
	step := flow.Step{At: c.Since(), Text: "fixed: " + flow.Printable(wording.Some(t.Hosts, 4))}
	if err := w.Step(step); err != nil {
		w.Report(pane.Bad, "%v", err)
	}
	if w.Notify != nil {
		w.Notify(w.Clean("fixed: " + result))
	}
}

// Text says what is watched, and how far it is; "" if nothing is.
func (w *Tester) Text() string {
	if w.now == nil {
		return ""
	}
	s := "watching " + w.now.name()
	if c := w.now.state.Load(); c != nil {
		s += ", " + finding.CheckResult(c, clock)
	}
	return s
}
