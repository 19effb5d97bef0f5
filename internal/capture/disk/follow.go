package disk

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"detour/internal/flow"
)

// maxChanges limits the changes that a file lists: far more than a run has while a reader
// looks twice.
const maxChanges = 1 << 12

const forgetChanges = "DELETE FROM changes WHERE n <= (SELECT max(n) FROM changes) - ?"

// listsChanges is the version from which a file lists what changes.
const listsChanges = 4

// ErrNotListed says that a file doesn't list what has changed: an older detour writes it.
var ErrNotListed = errors.New("it doesn't say what changes")

// Changes are what happened to the flows of a file since an earlier call.
type Changes struct {
	Flows []flow.ID // each once, by ID
	Now   int64     // to ask for what comes afterwards
	Gap   bool      // there were more than the file lists
}

// Changes returns the changes after an earlier one, 0 for the newest one alone.
func (f *File) Changes(ctx context.Context, after int64) (Changes, error) {
	if f.version < listsChanges {
		return Changes{}, ErrNotListed
	}
	c := Changes{Now: after}
	var first, last sql.NullInt64
	if err := f.db.QueryRowContext(ctx, "SELECT min(n), max(n) FROM changes").Scan(&first, &last); err != nil || !last.Valid {
		return c, err
	}
	if c.Now = last.Int64; after == 0 {
		return c, nil
	}
	c.Gap = first.Int64 > after+1
	rows, err := f.db.QueryContext(ctx, "SELECT DISTINCT flow FROM changes WHERE n > ?", after)
	if err != nil {
		return c, err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return c, err
		}
		c.Flows = append(c.Flows, flow.ID(id)) //nolint:gosec // IDs count from 1
	}
	slices.Sort(c.Flows)
	return c, rows.Err()
}

// DataVersion is a number that changes when another process has written to the file. It reads
// no page of it (sqlite.org/pragma.html, data_version).
func (f *File) DataVersion(ctx context.Context) (v int64, err error) {
	err = f.db.QueryRowContext(ctx, "PRAGMA data_version").Scan(&v)
	return v, err
}

// FlowsOf calls emit with the flows that have these IDs, by ID, with their bodies. Those that
// can't be read are left out and counted.
func (f *File) FlowsOf(ctx context.Context, ids []flow.ID, emit func(*flow.Flow) error) (got Result, err error) {
	s, err := newScanner(&got)
	if err != nil {
		return got, err
	}
	defer s.unzip.Close()
	for chunk := range slices.Chunk(ids, 500) {
		numbers := make([]int64, len(chunk))
		for i, id := range chunk {
			numbers[i] = int64(id) //nolint:gosec // IDs count from 1
		}
		if err := s.these(ctx, f.db, Query{Bodies: true}, numbers, emit); err != nil {
			return got, err
		}
	}
	return got, nil
}

// Ended reports whether the run closed the file: one that was killed didn't.
func (f *File) Ended() bool { return f.ended() }

// LastInstant is the latest instant that the file knows: of its last write, or at which a flow
// began or ended. It is zero if that can't be read.
func (f *File) LastInstant(ctx context.Context) (last time.Time) {
	var written string
	if get(f.db, writtenKey, &written) == nil {
		if at, err := time.Parse(time.RFC3339, written); err == nil {
			return at
		}
	}
	for _, by := range []string{"started", "julianday(started) + coalesce(duration_ms, 0) / 86400000.0"} {
		var began string
		var took float64
		row := f.db.QueryRowContext(ctx, "SELECT started, coalesce(duration_ms, 0) FROM flows ORDER BY "+by+" DESC LIMIT 1")
		if row.Scan(&began, &took) != nil {
			continue
		}
		at, err := time.Parse(time.RFC3339, began)
		if at = at.Add(time.Duration(took * float64(time.Millisecond))); err == nil && at.After(last) {
			last = at
		}
	}
	return last
}

// Written returns how many flows were written, as the file says; 0 if it doesn't.
func (f *File) Written() int { return f.written() }
