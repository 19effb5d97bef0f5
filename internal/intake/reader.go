package intake

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"detour/internal/aws"
	"detour/internal/capture/disk"
	"detour/internal/filter"
	"detour/internal/flow"
)

// A Reader says how files are read. Its zero value but for Tables reads everything
// without headers and bodies.
type Reader struct {
	Tables *aws.Tables
	Keep   filter.Filter // the flows that are kept; the zero value keeps all
	Marked bool          // marked flows alone
	Whole  bool          // with headers and bodies
	Max    int           // of flows that are taken from a capture; 0: all
	Strict bool          // redact strictly, after Keep has seen the flows

	Stdin    io.Reader    // what the path "-" is read from; nil: that is a file's name
	Notice   func(Notice) // takes what isn't as it should be; nil: nobody wants to know
	Progress func(n int)  // is called with 1 for each flow of a capture, and with 0 at its end; nil: nobody wants to know
}

// A Notice says what isn't as it should be in a file that was read all the same. Though
// it may quote the file, it has no secrets and no control characters.
type Notice struct{ Path, Text string }

// A Reason says why nothing was read.
type Reason int

// The reasons.
const (
	NotOpened Reason = iota // the file isn't there, or may not be read
	NotRead                 // it is of no kind that is known, or nothing is in it that can be read
	Damaged                 // it is a capture, and damaged
)

// An Error says why nothing of a file was read.
type Error struct {
	Path   string
	Reason Reason
	Err    error // without the path
}

// Error returns the path and what went wrong, without control characters: both may
// quote the file.
func (e *Error) Error() string { return flow.Printable(e.Path + ": " + e.Err.Error()) }

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// Read reads a capture, JSON Lines or a HAR. Its flows are taken in as the proxy's
// are, and judged as of the end of the last one. Of a file that is torn, or that isn't
// read when ctx ends, the rest is missing, and Notice is told. An error is an
// [*Error], and means that nothing was read.
func (r Reader) Read(ctx context.Context, path string) (*flow.Capture, error) {
	in := r.Stdin
	if path != "-" || in == nil {
		f, err := disk.Open(path)
		if err == nil {
			defer f.Close()
			return r.capture(ctx, f)
		}
		if !errors.Is(err, disk.ErrNotCapture) {
			return nil, &Error{path, NotOpened, bare(err)}
		}
		text, err := os.Open(path)
		if err != nil {
			return nil, &Error{path, NotOpened, bare(err)}
		}
		defer text.Close()
		in = text
	}
	got, err := r.text(path, bufio.NewReaderSize(untilDone{in, ctx}, 1<<16))
	if err != nil && len(got.Flows) == 0 {
		return nil, &Error{path, NotRead, err}
	}
	if err != nil {
		r.notice(path, "%v; everything before that was read", err)
	}
	return r.selected(got), nil
}

// bare is an error of opening a file, without the path that such errors begin with.
func bare(err error) error {
	if inner := errors.Unwrap(err); inner != nil {
		return inner
	}
	return err
}

// An untilDone reads as long as ctx isn't done.
type untilDone struct {
	in  io.Reader
	ctx context.Context //nolint:containedctx // an io.Reader can't be given one
}

func (u untilDone) Read(b []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.in.Read(b)
}

// selected drops what isn't asked for, redacts the rest strictly if it has to be,
// and judges it.
func (r Reader) selected(c *flow.Capture) *flow.Capture {
	last := LastInstant(c.Flows)
	c.Flows = slices.DeleteFunc(c.Flows, func(f *flow.Flow) bool { return r.Marked && !f.Marked || !r.Keep.Match(f, last) })
	if r.Strict {
		Tighten(c)
	}
	c.Findings = Judge(c.Flows, last)
	return c
}

func (r Reader) notice(path, format string, args ...any) {
	if r.Notice != nil {
		text := New(Config{Strict: r.Strict}).Text // it may quote the file
		r.Notice(Notice{flow.Printable(path), flow.Printable(text(fmt.Sprintf(format, args...)))})
	}
}

// LastInstant is when the last flow ended, or began if none ended later.
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
