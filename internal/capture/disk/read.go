package disk

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/klauspost/compress/zstd"

	"detour/internal/flow"
)

// A Query selects flows.
type Query struct {
	Where  string // a SQL condition on the table flows, named f; "": all
	Args   []any  // of Where
	Max    int    // maximum number: pending flows, then failed ones, then the newest; 0: all
	Bodies bool   // with bodies
}

// telling is the condition of the index with that name.
const telling = `(failure <> '' OR error_code <> '' OR status >= 400 OR marked OR note <> '')`

const whole = `SELECT f.id, r.record, f.rev, f.final, f.marked, f.note, f.connection, c.record, asked.zstd, answered.zstd
	FROM flows f LEFT JOIN records r ON r.flow = f.id LEFT JOIN connections c ON c.id = f.connection
	LEFT JOIN bodies asked ON ? AND asked.flow = f.id AND asked.side = 'request'
	LEFT JOIN bodies answered ON ? AND answered.flow = f.id AND answered.side = 'response'`

// A Result says how much of a query was read.
type Result struct {
	Matched int         // flows that the query selects, regardless of its maximum
	Unread  flow.Unread // flows that it selects and that can't be read; one may be counted that it doesn't select
	Bodies  int         // bodies that can't be read, of flows that were read
	Why     error       // the first thing that couldn't be read; nil if everything was
	Lacks   error       // ErrNoLog, or another reason why the file may not have all flows; nil if there is none
}

// miss notes why something can't be read.
func (r *Result) miss(what string, id int64, err error) {
	if r.Why == nil {
		r.Why = fmt.Errorf("%s %d: %w", what, id, err)
	}
}

// Flows calls emit with the flows of a query, by ID. A flow that can't be read is left out
// and counted: its record is damaged or too large, or it is in a damaged part of the file.
// The error is of emit or of ctx, or says that the file can't be accessed.
func (f *File) Flows(ctx context.Context, q Query, emit func(*flow.Flow) error) (Result, error) {
	if q.Where == "" {
		q.Where = "TRUE"
	}
	got, last, err := f.plain(ctx, q, emit)
	if isDamage(err) {
		got, err = f.salvage(ctx, q, last, got, emit)
	}
	var of emitted
	if errors.As(err, &of) {
		err = of.error
	}
	if f.lacks != nil {
		got.Unread.AtLeast, got.Lacks = true, f.lacks
	}
	return got, err
}

// plain reads the flows of a query from a file that isn't damaged. last is the ID of the
// last flow that it emitted or counted.
func (f *File) plain(ctx context.Context, q Query, emit func(*flow.Flow) error) (got Result, last int64, err error) {
	if got.Matched, err = f.Count(ctx, q); err != nil {
		return got, 0, err
	}
	if err := f.complete(ctx); err != nil {
		return got, 0, err
	}
	s, err := newScanner(&got)
	if err != nil {
		return got, 0, err
	}
	defer s.unzip.Close()
	if q.Max <= 0 || got.Matched <= q.Max {
		args := append([]any{q.Bodies, q.Bodies}, q.Args...)
		err := s.each(ctx, f.db, whole+" WHERE "+q.Where+" ORDER BY f.id", args, emit)
		return got, s.last, err
	}
	ids, err := f.choose(ctx, q)
	if err == nil && len(ids) < q.Max {
		err = errIndex
	}
	if err != nil {
		return got, 0, err
	}
	for chunk := range slices.Chunk(ids, 500) {
		if err := s.these(ctx, f.db, q, chunk, emit); err != nil {
			return got, s.last, err
		}
	}
	return got, s.last, nil
}

// choose returns the IDs of a query that has a maximum, in order.
func (f *File) choose(ctx context.Context, q Query) (ids []int64, err error) {
	for _, first := range []string{"NOT final", "final AND " + telling, "final AND " + telling + " IS NOT TRUE"} {
		newest := "SELECT id FROM flows f WHERE " + first + " AND (" + q.Where + ") ORDER BY id DESC LIMIT ?"
		rows, err := f.db.QueryContext(ctx, newest, append(slices.Clone(q.Args), q.Max-len(ids))...)
		if err != nil {
			return nil, err
		}
		for rows.Next() {
			var id int64
			if err := rows.Scan(&id); err != nil {
				return nil, errors.Join(err, rows.Close())
			}
			ids = append(ids, id)
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return nil, err
		}
	}
	slices.Sort(ids)
	return ids, nil
}

// Reasons why a row isn't a flow.
var (
	errWords  = errors.New("unknown values in a closed set") // detour can't have written the record
	errRecord = errors.New("its record is missing")
	errConn   = errors.New("the record of its connection is missing")
	errOther  = errors.New("it has the record of another flow")
)

// maxConns limits the connections that are kept while flows are read.
const maxConns = 1 << 12

// A scanner reads flows from rows of whole.
type scanner struct {
	got   *Result
	conns map[int64]*flow.Conn // flows of one connection share it
	unzip *zstd.Decoder
	last  int64 // the ID of the last row
}

func newScanner(got *Result) (*scanner, error) {
	unzip, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxBody))
	if err != nil {
		return nil, err
	}
	return &scanner{got: got, conns: make(map[int64]*flow.Conn), unzip: unzip}, nil
}

// these emits the flows with these IDs.
func (s *scanner) these(ctx context.Context, db *sql.DB, q Query, ids []int64, emit func(*flow.Flow) error) error {
	list, err := json.Marshal(ids)
	if err != nil {
		return err
	}
	const these = whole + " WHERE f.id IN (SELECT value FROM json_each(?)) ORDER BY f.id"
	return s.each(ctx, db, these, []any{q.Bodies, q.Bodies, string(list)}, emit)
}

// each emits the flows of a query of whole. It counts the rows that aren't flows.
func (s *scanner) each(ctx context.Context, db *sql.DB, query string, args []any, emit func(*flow.Flow) error) error {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var r stored
		var record, conn, asked, answered sql.RawBytes
		err := rows.Scan(&r.id, &record, &r.rev, &r.final, &r.marked, &r.note, &r.connID, &conn, &asked, &answered)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrDamaged, err) // columns of another type
		}
		if r.id <= s.last {
			return errIndex // cells out of order
		}
		s.last, r.columns = r.id, true
		r.record, r.conn, r.asked, r.answered = record, conn, asked, answered
		x, err := s.flow(&r)
		if err != nil {
			s.got.Unread.Flows++
			s.got.miss("flow", r.id, err)
			continue
		}
		if err := emit(x); err != nil {
			return emitted{err}
		}
	}
	return rows.Err()
}

// emitted is an error of emit, which isn't the file's.
type emitted struct{ error }

func (e emitted) Unwrap() error { return e.error }

// A stored is what the tables have of a flow. Its bytes are valid until the next row.
type stored struct {
	id                            int64
	columns                       bool // whether there is a row of flows
	rev                           uint32
	final, marked                 bool
	note                          string
	connID                        sql.NullInt64
	record, conn, asked, answered []byte
}

// flow returns the flow of a row. A body that can't be read is left out and counted.
func (s *scanner) flow(row *stored) (*flow.Flow, error) {
	if row.record == nil {
		return nil, errRecord
	}
	var r flow.Record
	if err := json.Unmarshal(row.record, &r); err != nil {
		return nil, err
	}
	if !r.Valid() {
		return nil, errWords
	}
	if int64(r.ID) != row.id { //nolint:gosec // a larger one isn't equal
		return nil, errOther
	}
	if row.columns {
		r.Rev, r.Final, r.Marked, r.Note = row.rev, row.final, row.marked, row.note // Edit changes these
	}
	x := r.Flow()
	if row.connID.Valid {
		c, err := s.connection(row)
		if err != nil {
			return nil, err
		}
		x.Conn = c
	}
	x.Request.Body, x.Request.BodyTruncated = s.unpack(row.id, row.asked, x.Request.BodyTruncated)
	if x.Response != nil {
		x.Response.Body, x.Response.BodyTruncated = s.unpack(row.id, row.answered, x.Response.BodyTruncated)
	}
	return x, nil
}

// connection returns the connection of a row.
func (s *scanner) connection(row *stored) (*flow.Conn, error) {
	if c := s.conns[row.connID.Int64]; c != nil {
		return c, nil
	}
	if row.conn == nil {
		return nil, errConn
	}
	alone := flow.Record{Connection: &flow.RecordConnection{}}
	if err := json.Unmarshal(row.conn, alone.Connection); err != nil {
		return nil, fmt.Errorf("its connection: %w", err)
	}
	if !alone.Valid() {
		return nil, errWords
	}
	c := alone.Flow().Conn
	if len(s.conns) >= maxConns {
		clear(s.conns)
	}
	s.conns[row.connID.Int64] = c
	return c, nil
}

// maxBody limits the size of a decompressed body.
const maxBody = 1 << 20

// unpack returns the body of a row, nil if there is none, and whether it is truncated.
func (s *scanner) unpack(id int64, b []byte, truncated bool) ([]byte, bool) {
	if len(b) == 0 {
		return nil, truncated
	}
	body, err := s.unzip.DecodeAll(b, nil)
	if err != nil {
		s.got.Bodies++
		s.got.miss("a body of flow", id, err)
		return nil, true
	}
	return body, truncated
}

// Get returns one flow with its bodies; nil if it isn't in the file, or can't be read.
func (f *File) Get(ctx context.Context, id flow.ID) (got *flow.Flow, err error) {
	s, err := newScanner(&Result{})
	if err != nil {
		return nil, err
	}
	defer s.unzip.Close()
	q, emit := Query{Bodies: true}, func(x *flow.Flow) error {
		got = x
		return nil
	}
	err = s.these(ctx, f.db, q, []int64{int64(id)}, emit) //nolint:gosec // IDs count from 1
	if isDamage(err) {
		err = s.one(ctx, f.db, q, int64(id), emit) //nolint:gosec // IDs count from 1
	}
	return got, err
}

// Count returns how many flows match a query, regardless of its maximum.
func (f *File) Count(ctx context.Context, q Query) (n int, err error) {
	where := "TRUE"
	if q.Where != "" {
		where = q.Where
	}
	err = f.db.QueryRowContext(ctx, "SELECT count(*) FROM flows f WHERE "+where, q.Args...).Scan(&n)
	return n, err
}

// About returns the capture without its flows. It is never nil: an error says what can't be
// read of it.
func (f *File) About(ctx context.Context) (*flow.Capture, error) {
	h := f.Header
	c := &flow.Capture{File: f.Path, Creator: h.Creator, Environment: h.Environment, RawSecrets: h.RawSecrets, Strict: h.Strict}
	return c, errors.Join(
		wrapped("the header", f.headless),
		wrapped("what was redacted", get(f.db, "redacted", &c.Redacted)),
		wrapped("what was omitted", get(f.db, "omitted", &c.Omitted)),
		wrapped("the findings", f.findings(ctx, c)),
		wrapped("the steps", f.steps(ctx, c)),
		wrapped("the checks", f.checks(ctx, c)),
	)
}

func wrapped(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}

func (f *File) findings(ctx context.Context, c *flow.Capture) error {
	return f.texts(ctx, "SELECT record FROM findings ORDER BY rank", func(text string) error {
		var r flow.RecordFinding
		if err := json.Unmarshal([]byte(text), &r); err != nil {
			return err
		}
		c.Findings = append(c.Findings, r.Finding())
		return nil
	})
}

func (f *File) steps(ctx context.Context, c *flow.Capture) error {
	return f.texts(ctx, "SELECT json_array(at, text) FROM steps ORDER BY at", func(text string) error {
		var s [2]string
		if err := json.Unmarshal([]byte(text), &s); err != nil {
			return err
		}
		at, err := time.Parse(time.RFC3339, s[0])
		if err != nil {
			return err
		}
		c.Steps = append(c.Steps, flow.Step{At: at, Text: s[1]})
		return nil
	})
}

// texts calls emit with the values of a query's only column.
func (f *File) texts(ctx context.Context, query string, emit func(string) error, args ...any) error {
	rows, err := f.db.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return err
		}
		if err := emit(text); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Mark sets a flow's mark and note in a file that Edit opened.
func (f *File) Mark(id flow.ID, marked bool, note string) error {
	const update = "UPDATE flows SET marked = ?, note = ?, rev = rev + 1 WHERE id = ?"
	tx, err := f.db.Begin()
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()                 // does nothing after Commit
	res, err := tx.Exec(update, marked, note, int64(id)) //nolint:gosec // IDs count from 1
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return fmt.Errorf("flow %d isn't in the capture", id)
	}
	if _, err := tx.Exec(insertChanges, fmt.Sprintf("[%d]", id)); err != nil {
		return err
	}
	return tx.Commit()
}
