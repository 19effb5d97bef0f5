package intake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"detour/internal/capture/disk"
	"detour/internal/flow"
	"detour/internal/wording"
)

// capture reads a capture. Its flows were prepared when it was recorded, so they are only
// redacted again: an earlier version, or another program, may have written it. If it was
// recorded with its secrets, they are kept.
func (r Reader) capture(ctx context.Context, f *disk.File) (*flow.Capture, error) {
	got, err := f.About(ctx)
	if err != nil {
		r.notice(f.Path, "some facts about the capture can't be read: %v", err)
	}
	again := New(Config{Tables: r.Tables, KeepSecrets: got.RawSecrets})
	redactAbout(got, again.redacts, false)
	q := disk.Query{Max: r.Max, Bodies: r.Whole}
	whole := r.Keep.ListsFindings() // they are found in all flows
	if !whole {
		q.Where, q.Args = where(r.Keep)
	}
	if r.Marked && !whole {
		q.Where = strings.TrimPrefix(q.Where+" AND f.marked", " AND ")
	}
	progress := r.Progress
	if progress == nil {
		progress = func(int) {}
	}
	res, err := f.Flows(ctx, q, func(x *flow.Flow) error {
		progress(1)
		if !r.Whole {
			x.DropHeaders()
		}
		again.redacts.Flow(x)
		got.Flows = append(got.Flows, x)
		return nil
	})
	progress(0)
	switch got.Unread = res.Unread; {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, &Error{f.Path, NotRead, err}
	case len(got.Flows) > 0 || got.Unread.None() || q.Where != "":
	case res.Lacks != nil && errors.Is(res.Lacks, disk.ErrNoLog):
		return nil, &Error{f.Path, NoLog, res.Lacks}
	default:
		return nil, &Error{f.Path, Damaged, fmt.Errorf("none of its flows can be read: %w", cmp.Or(res.Why, res.Lacks))}
	}
	r.losses(f.Path, res)
	if res.Matched > len(got.Flows)+got.Unread.Flows && r.Max > 0 {
		r.notice(f.Path, "read %d of %d flows: those that failed, and the newest", len(got.Flows), res.Matched)
	}
	if got.RawSecrets && !r.Strict {
		r.notice(f.Path, "recorded with --keep-secrets: the file and everything made from it contain working credentials")
	}
	return r.selected(got), nil
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
