package disk

import (
	"context"
	"time"
)

// FirstInstant is when the run began, as the file says, or else when its first flow began. It is
// zero if that can't be read.
func (f *File) FirstInstant(ctx context.Context) time.Time {
	if e := f.Header.Environment; e != nil && !e.Began.IsZero() {
		return e.Began
	}
	var began string
	if f.db.QueryRowContext(ctx, "SELECT coalesce(min(started), '') FROM flows").Scan(&began) != nil {
		return time.Time{}
	}
	at, err := time.Parse(time.RFC3339, began)
	if err != nil {
		return time.Time{}
	}
	return at
}

// Lacks says why flows of a file that was opened may be missing; nil if none are: ErrNoLog, or
// damage of the log.
func (f *File) Lacks() error { return f.lacks }
