package intake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"detour/internal/capture/disk"
	"detour/internal/diagnose"
	"detour/internal/filter"
	"detour/internal/flow"
	"detour/internal/wording"
)

// capture reads a capture.
func (r Reader) capture(ctx context.Context, f *disk.File) (*flow.Capture, error) {
	got, again := r.about(ctx, f)
	got.Last = f.LastInstant(ctx)
	var all []*flow.Flow // without headers; none if those that are selected are read with all others
	var codes map[flow.ID][]string
	read, whole := r, r.Keep.ListsFindings()
	if r.selects() && !whole {
		var err error
		if all, _, err = (Reader{Max: r.Max}).flows(ctx, f, scan{again: again, now: got.Last}); err != nil {
			return nil, err
		}
		if r.Keep.Judged() { // what is selected depends on what isn't
			codes = diagnose.ByFlow(diagnose.Run(cutOff(all, got.Last), got.Last))
		}
	}
	if whole {
		read.Keep, read.Marked = filter.Filter{}, false
	}
	flows, res, err := read.flows(ctx, f, scan{again: again, now: got.Last, codes: codes})
	got.Flows, got.Selected, got.Unread = flows, res.Matched, res.Unread
	switch {
	case err != nil:
		return nil, err
	case len(got.Flows) > 0 || got.Unread.None() || r.selects():
	case res.Lacks != nil && errors.Is(res.Lacks, disk.ErrNoLog):
		return nil, &Error{f.Path, NoLog, res.Lacks}
	default:
		return nil, &Error{f.Path, Damaged, fmt.Errorf("none of its flows can be read: %w", cmp.Or(res.Why, res.Lacks))}
	}
	r.losses(f.Path, res)
	if got.Selected > len(got.Flows) {
		r.notice(f.Path, "read %d of %d flows: pending ones, those that failed, and the newest", len(got.Flows), got.Selected)
	}
	r.saysSecrets(f.Path, got)
	got.Omitted.Unread += got.Unread.Flows
	chosen := make(map[flow.ID]bool, len(flows))
	for _, x := range flows {
		chosen[x.ID] = true
	}
	got.Flows = merged(all, flows)
	if at := LastInstant(got.Flows); at.After(got.Last) { // the file doesn't know, or is damaged
		got.Last = at
	}
	if whole {
		return r.selected(got), nil
	}
	return r.judgedOf(got, chosen), nil
}

// saysSecrets reports that a capture has secrets, if what is read of it does.
func (r Reader) saysSecrets(path string, c *flow.Capture) {
	if c.RawSecrets && !r.Strict {
		r.notice(path, "recorded with --keep-secrets: the file and everything made from it contain working credentials")
	}
}

// merged returns flows, both by ID, without copies: those of better are taken.
func merged(flows, better []*flow.Flow) []*flow.Flow {
	out := slices.Concat(better, flows)
	slices.SortStableFunc(out, func(a, b *flow.Flow) int { return cmp.Compare(a.ID, b.ID) })
	return slices.CompactFunc(out, func(a, b *flow.Flow) bool { return a.ID == b.ID })
}

// about reads a capture except its flows. again redacts those: an earlier version, or another
// program, may have written the file. If it was recorded with its secrets, they are kept.
func (r Reader) about(ctx context.Context, f *disk.File) (got *flow.Capture, again *Intake) {
	got, err := f.About(ctx)
	if err != nil && ctx.Err() == nil {
		r.notice(f.Path, "some facts about the capture can't be read: %v", err)
	}
	again = New(Config{Tables: r.Tables, KeepSecrets: got.RawSecrets})
	redactAbout(got, again.redacts, false)
	return got, again
}

// A scan is what is known of a capture before its flows are read. They were prepared when they
// were recorded, so they are only redacted again.
type scan struct {
	again *Intake
	now   time.Time            // for flows in progress
	codes map[flow.ID][]string // of the whole capture's findings; nil: as it was recorded
}

// flows reads the flows that are selected, at most Max. The result's Matched is the number of
// those that there are. The error is an [*Error], or that of ctx.
func (r Reader) flows(ctx context.Context, f *disk.File, s scan) ([]*flow.Flow, disk.Result, error) {
	q := r.query(r.Whole)
	if r.Keep.Empty() {
		q.Max = r.Max
	}
	progress := r.Progress
	if progress == nil {
		progress = func(int) {}
	}
	best := best{most: r.Max}
	res, err := f.Flows(ctx, q, func(x *flow.Flow) error {
		progress(1)
		if !r.Whole {
			x.DropHeaders()
		}
		if s.codes != nil {
			x.Findings = s.codes[x.ID]
		}
		s.again.redacts.Flow(x)
		if r.keeps(x, s.now) {
			best.add(x)
		}
		return nil
	})
	progress(0)
	if !r.Keep.Empty() {
		res.Matched = best.added
	}
	switch {
	case ctx.Err() != nil:
		return nil, res, ctx.Err()
	case err != nil:
		return nil, res, &Error{f.Path, NotRead, err}
	}
	return best.flows(), res, nil
}

// losses reports what can't be read of a capture, and what may help.
func (r Reader) losses(path string, res disk.Result) {
	const recover = "sqlite3 FILE .recover may save more of a damaged file"
	if n := res.Unread.Flows; n > 0 {
		r.notice(path, "%s can't be read (%v): %s", res.Unread, res.Why, recover)
	}
	if res.Bodies > 0 {
		r.notice(path, "%s can't be read (%v)", wording.Count(res.Bodies, "body"), res.Why)
	}
	switch {
	case errors.Is(res.Lacks, disk.ErrNoLog):
		r.notice(path, "its newest flows may be missing, because %v: copy both files, or open the capture where it is", res.Lacks)
	case res.Lacks != nil:
		r.notice(path, "its newest flows may be missing, because %v: %s", res.Lacks, recover)
	case res.Unread.AtLeast && res.Unread.Flows == 0:
		r.notice(path, "flows may be missing (%v): %s", res.Why, recover)
	}
}
