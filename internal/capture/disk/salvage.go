package disk

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"detour/internal/flow"
)

// ErrDamaged says that a file is a capture, and damaged.
var ErrDamaged = errors.New("the capture is damaged")

// Signs of damage that SQLite doesn't report.
var (
	errIndex = fmt.Errorf("%w: its index lacks flows", ErrDamaged)
	errCount = fmt.Errorf("%w: it has fewer flows than were written", ErrDamaged)
)

// isDamage reports whether an error means that a part of the file can't be read, and
// others perhaps can (sqlite.org/rescode.html).
func isDamage(err error) bool {
	var code *sqlite.Error
	var of emitted
	switch {
	case err == nil, errors.As(err, &of):
		return false
	case errors.Is(err, ErrDamaged):
		return true
	case !errors.As(err, &code):
		return false
	}
	switch code.Code() & 0xff {
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT:
		return true
	}
	return code.Code() == sqlite3.SQLITE_IOERR_SHORT_READ
}

// written returns how many flows were written, as the file says; 0 if it doesn't.
func (f *File) written() (n int) {
	_ = get(f.db, countKey, &n)
	return n
}

// complete checks that the table of flows has as many rows as were written.
func (f *File) complete(ctx context.Context) error {
	n, err := f.Count(ctx, Query{})
	if err == nil && n < f.written() {
		err = errCount
	}
	return err
}

// A known is an ID that a table has.
type known struct {
	id      int64
	matched bool // the query selects it
	telling bool
	columns bool // the table flows has it
}

// salvage reads the flows of a query from a damaged file, those after the ID last: got has
// the count of those up to there. It takes IDs from two tables, flows and records, skips the
// parts of them that can't be read, and reads flow by flow where reading many fails.
func (f *File) salvage(ctx context.Context, q Query, last int64, got Result, emit func(*flow.Flow) error) (Result, error) {
	all, holes, err := f.known(ctx, q)
	if err != nil {
		return got, err
	}
	total := len(all)
	all = slices.DeleteFunc(all, func(k known) bool { return !k.matched })
	got.Matched = len(all)
	if q.Max > 0 && len(all) > q.Max {
		all = mostTelling(all, q.Max)
	}
	s, err := newScanner(&got)
	if err != nil {
		return got, err
	}
	defer s.unzip.Close()
	at, _ := slices.BinarySearchFunc(all, last+1, func(k known, id int64) int { return cmp.Compare(k.id, id) })
	rest := all[at:]
	for len(rest) > 0 {
		n, err := s.run(ctx, f.db, q, rest, emit)
		if err != nil {
			return got, err
		}
		if rest = rest[n:]; n > 0 || len(rest) == 0 {
			continue
		}
		if err := s.one(ctx, f.db, q, rest[0].id, emit); err != nil {
			return got, err
		}
		rest = rest[1:]
	}
	written := f.written()
	got.Unread.Flows += max(0, written-total)
	got.Unread.AtLeast = holes && written == 0
	if got.Why == nil && !got.Unread.None() {
		got.Why = ErrDamaged
	}
	return got, nil
}

// mostTelling keeps n flows: telling ones before others, then the newest.
func mostTelling(all []known, n int) []known {
	first := slices.Clone(all)
	slices.SortStableFunc(first, func(a, b known) int {
		if a.telling != b.telling {
			if a.telling {
				return -1
			}
			return 1
		}
		return cmp.Compare(b.id, a.id)
	})
	first = first[:n]
	slices.SortFunc(first, func(a, b known) int { return cmp.Compare(a.id, b.id) })
	return first
}

// run emits the first of these flows, as many as can be read at once, and returns their
// number.
func (s *scanner) run(ctx context.Context, db *sql.DB, q Query, all []known, emit func(*flow.Flow) error) (n int, err error) {
	var ids []int64
	for _, k := range all[:min(len(all), 500)] {
		if !k.columns {
			break
		}
		ids = append(ids, k.id)
	}
	if len(ids) == 0 {
		return 0, nil
	}
	before := *s.got
	s.last = 0
	err = s.these(ctx, db, q, ids, func(x *flow.Flow) error {
		if int64(x.ID) != ids[n] { //nolint:gosec // IDs count from 1
			return errStop
		}
		n++
		before = *s.got
		return emit(x)
	})
	s.got.Unread, s.got.Bodies = before.Unread, before.Bodies // the flow behind the last one is read alone
	if errors.Is(err, errStop) || isDamage(err) {
		err = ctx.Err()
	}
	return n, err
}

// errStop ends a query.
var errStop = errors.New("stop")

// one emits one flow, or counts it. It needs the record, and that of the connection.
func (s *scanner) one(ctx context.Context, db *sql.DB, q Query, id int64, emit func(*flow.Flow) error) error {
	row := stored{id: id}
	columns := db.QueryRowContext(ctx, "SELECT rev, final, marked, note, connection FROM flows WHERE id = ?", id)
	if columns.Scan(&row.rev, &row.final, &row.marked, &row.note, &row.connID) == nil {
		row.columns = true
	}
	x, err := s.pieces(ctx, db, q, &row)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		s.got.Unread.Flows++
		s.got.miss("flow", id, err)
		return nil
	}
	return emit(x)
}

// pieces reads the parts of a flow one after another.
func (s *scanner) pieces(ctx context.Context, db *sql.DB, q Query, row *stored) (*flow.Flow, error) {
	if err := db.QueryRowContext(ctx, "SELECT record FROM records WHERE flow = ?", row.id).Scan(&row.record); err != nil {
		return nil, absent(err, errRecord)
	}
	if !row.columns {
		row.connID = connectionIn(row.record)
	}
	if row.connID.Valid {
		err := db.QueryRowContext(ctx, "SELECT record FROM connections WHERE id = ?", row.connID.Int64).Scan(&row.conn)
		if err != nil {
			return nil, absent(err, errConn)
		}
	}
	if q.Bodies {
		for side, to := range map[string]*[]byte{"request": &row.asked, "response": &row.answered} {
			err := db.QueryRowContext(ctx, "SELECT zstd FROM bodies WHERE flow = ? AND side = ?", row.id, side).Scan(to)
			if err != nil && !errors.Is(err, sql.ErrNoRows) {
				s.got.Bodies++
				s.got.miss("a body of flow", row.id, err)
			}
		}
	}
	return s.flow(row)
}

// connectionIn returns the ID of the connection in a record whose connection is elsewhere.
func connectionIn(record []byte) sql.NullInt64 {
	var r struct{ Connection struct{ ID int64 } }
	_ = json.Unmarshal(record, &r) // flow reports the error
	return sql.NullInt64{Int64: r.Connection.ID, Valid: r.Connection.ID != 0}
}

// absent returns the reason for an error of reading one row.
func absent(err, missing error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return missing
	}
	return err
}

// known returns the IDs of flows that the tables flows and records have, in order. holes
// says that both have parts that can't be read.
func (f *File) known(ctx context.Context, q Query) (all []known, holes bool, err error) {
	columns := fmt.Sprintf("id, (%s) IS TRUE, NOT final OR %s IS TRUE", q.Where, telling)
	rows, lacks, err := f.walk(ctx, "flows f NOT INDEXED", "id", columns, q.Args)
	if err != nil {
		return nil, false, err
	}
	records, lacksToo, err := f.walk(ctx, "records f", "flow", "flow, TRUE, TRUE", nil)
	if err != nil {
		return nil, false, err
	}
	for i := range rows {
		rows[i].columns = true
	}
	return merge(rows, records), lacks && lacksToo, nil
}

// merge joins two ordered lists. a's entry counts if both have an ID.
func merge(a, b []known) (all []known) {
	for len(a) > 0 || len(b) > 0 {
		switch {
		case len(b) == 0 || len(a) > 0 && a[0].id < b[0].id:
			all, a = append(all, a[0]), a[1:]
		case len(a) == 0 || b[0].id < a[0].id:
			all, b = append(all, b[0]), b[1:]
		default:
			all, a, b = append(all, a[0]), a[1:], b[1:]
		}
	}
	return all
}

// maxSeeks limits how often walk looks for the end of a damaged part.
const maxSeeks = 100_000

// walk returns the rows of a table by ID. Where a part of the table can't be read, it goes on
// behind it; holes says that there is one.
func (f *File) walk(ctx context.Context, table, key, columns string, args []any) (all []known, holes bool, err error) {
	top, _ := f.seek(ctx, "SELECT max("+key+") FROM "+table)
	after, seeks := int64(0), 0
	for {
		query := fmt.Sprintf("SELECT %s FROM %s WHERE %s > ? ORDER BY %s", columns, table, key, key)
		last, err := f.rows(ctx, query, append(slices.Clone(args), after), after, &all)
		if err == nil {
			return all, holes, nil
		}
		if ctx.Err() != nil || !isDamage(err) {
			return nil, holes, errors.Join(ctx.Err(), err)
		}
		if holes = true; seeks > maxSeeks {
			return all, holes, nil
		}
		// The end of the damaged part: the smallest ID behind which there is a row to read.
		good := func(id int64) bool {
			seeks++
			_, err := f.seek(ctx, "SELECT min("+key+") FROM "+table+" WHERE "+key+" > ?", id)
			return err == nil
		}
		low, step := last, int64(1)
		for !good(low + step) {
			low += step
			step *= 2
			if top > 0 && low >= top || low > maxSalvaged || seeks > maxSeeks || ctx.Err() != nil {
				return all, holes, ctx.Err()
			}
		}
		high := low + step
		for high-low > 1 {
			if mid := low + (high-low)/2; good(mid) {
				high = mid
			} else {
				low = mid
			}
		}
		after = high
	}
}

// maxSalvaged limits the IDs that walk tries.
const maxSalvaged = 1 << 32

// seek returns one ID. The error says that it can't be read, or that there is none.
func (f *File) seek(ctx context.Context, query string, args ...any) (int64, error) {
	var id sql.NullInt64
	if err := f.db.QueryRowContext(ctx, query, args...).Scan(&id); err != nil {
		return 0, err
	}
	if !id.Valid {
		return 0, nil
	}
	return id.Int64, nil
}

// rows appends the rows of a query of walk, as long as their IDs rise, and returns the last
// ID.
func (f *File) rows(ctx context.Context, query string, args []any, last int64, all *[]known) (int64, error) {
	rows, err := f.db.QueryContext(ctx, query, args...)
	if err != nil {
		return last, err
	}
	defer rows.Close()
	for rows.Next() {
		var k known
		if err := rows.Scan(&k.id, &k.matched, &k.telling); err != nil {
			return last, fmt.Errorf("%w: %w", ErrDamaged, err)
		}
		if k.id <= last {
			return last, errIndex // cells out of order
		}
		last = k.id
		*all = append(*all, k)
	}
	return last, rows.Err()
}
