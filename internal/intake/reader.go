package intake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"detour/internal/alias"
	"detour/internal/aws"
	"detour/internal/capture/disk"
	"detour/internal/diagnose"
	"detour/internal/filter"
	"detour/internal/finding"
	"detour/internal/flow"
	"detour/internal/heldtext"
)

// A Reader reads files. Only Tables is required; by default, it reads all flows without
// headers and bodies.
type Reader struct {
	Tables *aws.Tables
	Keep   filter.Filter // selects flows; the zero value selects all
	Marked bool          // only marked flows
	Whole  bool          // with headers and bodies
	Max    int           // maximum number of flows of a capture that Keep selects; 0: all
	Strict bool          // redact strictly, after Keep was applied
	Names  *alias.Table  // gives names to what is masked; nil: a new one
	// Pending leaves flows in progress as they are, for a reader that takes Last of the capture
	// for the present. By default they end there. Keep is applied to them as they are, findings
	// are the same in both cases.
	Pending bool
	// Account proves the findings.
	Account Account

	Stdin    io.Reader      // read for the path "-"; nil: "-" is a file
	held     *heldtext.Text // Stdin, if Hold was called
	Notice   func(Notice)   // called for problems that don't prevent reading; may be nil
	Progress func(n int)    // called with 1 for each flow of a capture, with 0 at its end; may be nil
	// Counts is for those who want findings, and of the flows only how many they are. Flows then take
	// little memory, and the result may have none; Max is for a capture whose flows have to be in memory
	// together all the same. nil: it has them.
	Counts *Counts
}

// A Notice describes a problem of a file that didn't prevent reading it. It may quote the
// file, but has no secrets and no control characters.
type Notice struct{ Path, Text string }

// A Reason says why a file wasn't read.
type Reason int

// The reasons.
const (
	NotOpened Reason = iota // the file doesn't exist or can't be opened
	NotRead                 // its format isn't known, or nothing in it can be read
	Damaged                 // it is a capture, and damaged
	NoLog                   // it is a capture without its -wal file, which has everything
)

// An Error says why a file wasn't read.
type Error struct {
	Path   string
	Reason Reason
	Err    error // without the path
}

// Error returns the path and the error, without secrets and control characters: it may quote
// the file.
func (e *Error) Error() string {
	return flow.Printable(e.Path + ": " + New(Config{}).Text(e.Err.Error()))
}

// Hint says what to do; "" if nothing special is known.
func (e *Error) Hint() string { return hintOf(e.Err) }

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// Read reads a capture, JSON Lines or a HAR. It prepares flows as those of the proxy, and
// judges them as of the last instant that the file knows. What can't be read of a file is left out, counted
// in the capture's Unread and reported to Notice. An error means that nothing was read: it
// is an [*Error], or that of ctx.
func (r Reader) Read(ctx context.Context, path string) (*flow.Capture, error) {
	got, err := r.read(ctx, path)
	if err == nil && r.Counts != nil {
		for _, f := range got.Flows {
			r.Counts.add(f)
		}
	}
	return got, err
}

func (r Reader) read(ctx context.Context, path string) (*flow.Capture, error) {
	open := r.stdin
	if path != "-" || r.Stdin == nil {
		f, err := disk.Open(path)
		switch {
		case err == nil:
			defer f.Close()
			if r.Counts != nil {
				if got := r.counted(ctx, path); got != nil {
					return got, nil
				}
			}
			return r.capture(ctx, f)
		case errors.Is(err, disk.ErrNoLog):
			return nil, &Error{path, NoLog, bare(err)}
		case errors.Is(err, disk.ErrDamaged):
			return nil, &Error{path, Damaged, bare(err)}
		case !errors.Is(err, disk.ErrNotCapture):
			return nil, &Error{path, NotOpened, bare(err)}
		}
		if err := readable(path); err != nil {
			return nil, &Error{path, NotOpened, err}
		}
		open = func() (io.ReadCloser, error) { return os.Open(path) }
	}
	if r.Counts != nil && (!r.once() || r.hasLines(path)) {
		if got := r.counted(ctx, path); got != nil {
			return got, nil
		}
	}
	in := newInterruptible(ctx, open)
	defer in.Close()
	if err := in.open(); err != nil {
		return nil, cmp.Or(ctx.Err(), error(&Error{path, NotOpened, bare(err)}))
	}
	t := r.newTexts(ctx, path)
	if r.once() {
		t.held = &held{}
	}
	if err := t.usable(t.all(in)); err != nil {
		return nil, err
	}
	if t.whole != nil {
		return t.whole, nil
	}
	got := t.got
	if t.held != nil {
		t.held.judged(t.in, got, r.Counts)
		return got, nil
	}
	got.Last = LastInstant(got.Flows)
	return r.selected(got), nil
}

// usable returns the error of texts of which nothing was read. Of others, it says what err prevented.
func (t *texts) usable(err error) error {
	got := t.got
	if t.whole != nil {
		got = t.whole
	}
	switch {
	case t.ctx.Err() != nil:
		return t.ctx.Err()
	case err != nil && t.len() == 0:
		return notRead(t.path, err)
	case err != nil:
		got.Unread.AtLeast = true
		t.notice(t.path, "%v; everything before that was read", err)
	}
	if t.whole == nil {
		got.Omitted.Unread += got.Unread.Flows
	}
	return nil
}

// notRead returns the error of a file of which nothing was read.
func notRead(path string, err error) *Error {
	var known *Error
	switch {
	case errors.As(err, &known):
		return &Error{path, known.Reason, err}
	case errors.Is(err, errEmpty):
		return &Error{path, NotRead, errors.New("the file is empty")}
	case hintOf(err) == "" && filepath.Ext(path) == disk.Ext:
		return &Error{path, Damaged, disk.ErrNotCapture}
	}
	return &Error{path, NotRead, err}
}

// bare returns the error of opening a file without the path.
func bare(err error) error {
	if inner := errors.Unwrap(err); inner != nil {
		return inner
	}
	return err
}

// selected prepares a capture of which all flows were read: it judges them, and then removes those
// that aren't selected.
func (r Reader) selected(c *flow.Capture) *flow.Capture {
	ended := cutOff(c.Flows, c.Last)
	if r.Keep.Judged() {
		setCodes(c.Flows, diagnose.Run(ended, c.Last))
		ended = cutOff(c.Flows, c.Last)
	}
	listed, chosen := r.listed(ended, c.Last), make(map[flow.ID]bool)
	for _, f := range c.Flows {
		if (!r.Marked || f.Marked) && r.Keep.MatchListed(f, listed[f.ID], c.Last) {
			chosen[f.ID] = true
		}
	}
	c.Selected = len(chosen)
	return r.judgedOf(c, chosen)
}

// judgedOf judges all flows of a capture, which show whether a problem was resolved and what worked
// beside it, and then removes those that aren't chosen.
func (r Reader) judgedOf(c *flow.Capture, chosen map[flow.ID]bool) *flow.Capture {
	r.judged(c)
	if len(chosen) == len(c.Flows) {
		return c
	}
	c.Flows = slices.DeleteFunc(c.Flows, func(f *flow.Flow) bool { return !chosen[f.ID] })
	c.Findings = finding.About(c.Findings, c.Flows)
	setCodes(c.Flows, c.Findings)
	return c
}

// keeps reports whether a flow is selected. now is the time for flows in progress.
func (r Reader) keeps(f *flow.Flow, now time.Time) bool {
	return (!r.Marked || f.Marked) && r.Keep.Match(f, now)
}

// judged redacts a capture strictly if required, ends the flows that were in progress unless
// they are wanted, and judges all.
func (r Reader) judged(c *flow.Capture) *flow.Capture {
	table := r.Names
	if table == nil {
		table = new(alias.Table)
	}
	names := table.Texts(nil)
	for _, f := range c.Flows {
		f.Strict = f.Strict || c.Strict // an earlier version didn't say so in each record
	}
	before := c.Findings
	prove := r.Account.Proving(cutOff(c.Flows, c.Last), c.Last).On(c.Environment)
	// Stand-ins are called something else each time, and nothing is proved of them.
	standIns := slices.ContainsFunc(c.Flows, func(f *flow.Flow) bool { return f.Strict })
	recorded := provedBefore{New(Config{KeepSecrets: c.RawSecrets}).Text}
	if r.Strict {
		var redact func(string) string
		names, redact = Tighten(c, table)
		prove, recorded.text = prove.Redacting(redact), redact
	}
	for _, f := range c.Flows {
		f.Strict = f.Strict || c.Strict
		c.Strict = c.Strict || f.Strict
	}
	if c.Strict {
		c.Names = names
	}
	ended := cutOff(c.Flows, c.Last)
	c.Findings, c.Account = prove.Judge(ended, c.Last, names), prove.Report()
	if r.Account.Config == nil && !standIns {
		recorded.add(c.Findings, before)
	}
	if !r.Pending {
		c.Flows = ended
	}
	setCodes(c.Flows, c.Findings)
	return c
}

// listed returns the codes of the findings that list each flow, if the filter asks for them; else nil.
func (r Reader) listed(flows []*flow.Flow, last time.Time) map[flow.ID][]string {
	if !r.Keep.ListsFindings() {
		return nil
	}
	return listing(diagnose.Run(flows, last))
}

// listing returns the codes of the findings that list each flow.
func listing(found []flow.Finding) map[flow.ID][]string {
	out := make(map[flow.ID][]string)
	for _, f := range found {
		for _, id := range f.Flows {
			out[id] = append(out[id], f.Code)
		}
	}
	return out
}

// cutOff returns flows of which those in progress ended at an instant.
func cutOff(flows []*flow.Flow, at time.Time) []*flow.Flow {
	out := make([]*flow.Flow, len(flows))
	for i, f := range flows {
		out[i] = f.CutOff(at)
	}
	return out
}

// setCodes replaces the findings of flows: judged on its own, a flow may have had another.
func setCodes(flows []*flow.Flow, found []flow.Finding) {
	codes := diagnose.ByFlow(found)
	for _, f := range flows {
		f.Findings = codes[f.ID]
	}
}

func (r Reader) notice(path, format string, args ...any) {
	if r.Notice != nil {
		text := New(Config{Strict: r.Strict}).Text // it may quote the file
		r.Notice(Notice{flow.Printable(path), flow.Printable(text(fmt.Sprintf(format, args...)))})
	}
}

// LastInstant returns the latest start or end of a flow.
func LastInstant(flows []*flow.Flow) time.Time {
	var last time.Time
	for _, f := range flows {
		for _, at := range []time.Time{f.Times.Start, f.Times.Done} {
			if at.After(last) {
				last = at
			}
		}
	}
	return last
}
