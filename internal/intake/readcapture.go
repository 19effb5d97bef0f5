package intake

import (
	"context"
	"strings"

	"detour/internal/capture/disk"
	"detour/internal/flow"
)

// capture reads a capture. Its flows were prepared when it was recorded, so they are only
// redacted again: an earlier version, or another program, may have written it. If it was
// recorded with its secrets, they are kept.
func (r Reader) capture(ctx context.Context, f *disk.File) (*flow.Capture, error) {
	got, err := f.About(ctx)
	if err != nil {
		return nil, &Error{f.Path, NotRead, err}
	}
	again := New(Config{Tables: r.Tables, KeepSecrets: got.RawSecrets})
	redactAbout(got, again.Text)
	q := disk.Query{Max: r.Max, Bodies: r.Whole}
	q.Where, q.Args = where(r.Keep)
	if r.Marked {
		q.Where = strings.TrimPrefix(q.Where+" AND f.marked", " AND ")
	}
	progress := r.Progress
	if progress == nil {
		progress = func(int) {}
	}
	err = f.Flows(ctx, q, func(x *flow.Flow) error {
		progress(1)
		if !r.Whole {
			x.DropHeaders()
		}
		again.redacts.Flow(x)
		got.Flows = append(got.Flows, x)
		return nil
	})
	progress(0)
	if err != nil && len(got.Flows) == 0 {
		return nil, &Error{f.Path, Damaged, err}
	}
	if err != nil {
		r.notice(f.Path, "%v; everything before that was read", err)
	}
	if n, err := f.Count(ctx, q); err == nil && n > len(got.Flows) && r.Max > 0 {
		r.notice(f.Path, "read %d of %d flows: those that failed, and the newest", len(got.Flows), n)
	}
	if got.RawSecrets && !r.Strict {
		r.notice(f.Path, "recorded with --keep-secrets: the file and everything made from it contain working credentials")
	}
	return r.selected(got), nil
}
