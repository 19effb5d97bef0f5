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
	Max    int    // maximum number, failed flows before others, then the newest; 0: all
	Bodies bool   // with bodies
}

// telling is the condition of the index with that name.
const telling = `(failure <> '' OR error_code <> '' OR status >= 400 OR marked OR note <> '')`

const whole = `SELECT r.record, f.rev, f.final, f.marked, f.note, c.id, c.record, asked.zstd, answered.zstd
	FROM flows f JOIN records r ON r.flow = f.id LEFT JOIN connections c ON c.id = f.connection
	LEFT JOIN bodies asked ON ? AND asked.flow = f.id AND asked.side = 'request'
	LEFT JOIN bodies answered ON ? AND answered.flow = f.id AND answered.side = 'response'`

// Flows calls emit with the flows of a query, by ID. It returns an error of emit. If a
// flow can't be read because the file is damaged, the error names the flow before it.
func (f *File) Flows(ctx context.Context, q Query, emit func(*flow.Flow) error) error {
	where := "TRUE"
	if q.Where != "" {
		where = q.Where
	}
	if q.Max <= 0 {
		rows, err := f.db.QueryContext(ctx, whole+" WHERE "+where+" ORDER BY f.id", append([]any{q.Bodies, q.Bodies}, q.Args...)...)
		if err != nil {
			return err
		}
		return each(rows, emit)
	}
	ids, err := f.choose(ctx, where, q)
	if err != nil {
		return err
	}
	for chunk := range slices.Chunk(ids, 500) {
		list, err := json.Marshal(chunk)
		if err != nil {
			return err
		}
		const these = whole + " WHERE f.id IN (SELECT value FROM json_each(?)) ORDER BY f.id"
		rows, err := f.db.QueryContext(ctx, these, q.Bodies, q.Bodies, string(list))
		if err != nil {
			return err
		}
		if err := each(rows, emit); err != nil {
			return err
		}
	}
	return nil
}

// choose returns the IDs of a query that has a maximum, in order.
func (f *File) choose(ctx context.Context, where string, q Query) (ids []int64, err error) {
	for _, first := range []string{telling, telling + " IS NOT TRUE"} {
		newest := "SELECT id FROM flows f WHERE " + first + " AND (" + where + ") ORDER BY id DESC LIMIT ?"
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

// each calls emit with the flows of rows of whole.
func each(rows *sql.Rows, emit func(*flow.Flow) error) error {
	defer rows.Close()
	unzip, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxBody))
	if err != nil {
		return err
	}
	defer unzip.Close()
	s := scanner{rows, make(map[int64]*flow.Conn), unzip}
	var last *flow.Flow
	for rows.Next() {
		x, err := s.scan()
		if err != nil {
			if last != nil {
				err = fmt.Errorf("after flow %d: %w", last.ID, err)
			}
			return err
		}
		last = x
		if err := emit(x); err != nil {
			return err
		}
	}
	return rows.Err()
}

// errWords says that detour can't have written the record.
var errWords = errors.New("unknown values in a closed set")

// maxConns limits the connections that are kept while flows are read.
const maxConns = 1 << 12

// A scanner reads flows from rows of whole.
type scanner struct {
	*sql.Rows
	conns map[int64]*flow.Conn // flows of one connection share it
	unzip *zstd.Decoder
}

func (s *scanner) scan() (*flow.Flow, error) {
	var record, conn sql.RawBytes
	var id sql.NullInt64
	var r flow.Record
	var rev uint32
	var final, marked bool
	var note string
	var asked, answered sql.RawBytes
	err := s.Scan(&record, &rev, &final, &marked, &note, &id, &conn, &asked, &answered)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(record, &r); err != nil {
		return nil, err
	}
	if !r.Valid() {
		return nil, errWords
	}
	r.Rev, r.Final, r.Marked, r.Note = rev, final, marked, note // Edit changes these
	x := r.Flow()
	if id.Valid {
		c := s.conns[id.Int64]
		if c == nil {
			alone := flow.Record{Connection: &flow.RecordConnection{}}
			if err := json.Unmarshal(conn, alone.Connection); err != nil {
				return nil, err
			}
			if !alone.Valid() {
				return nil, errWords
			}
			c = alone.Flow().Conn
			if len(s.conns) >= maxConns {
				clear(s.conns)
			}
			s.conns[id.Int64] = c
		}
		x.Conn = c
	}
	if x.Request.Body, err = s.unpack(asked); err == nil && x.Response != nil {
		x.Response.Body, err = s.unpack(answered)
	}
	return x, err
}

// maxBody limits the size of a decompressed body.
const maxBody = 1 << 20

// unpack returns the body of a row; nil if there is none.
func (s *scanner) unpack(b sql.RawBytes) ([]byte, error) {
	if len(b) == 0 {
		return nil, nil
	}
	return s.unzip.DecodeAll(b, nil)
}

// Get returns one flow with its bodies; nil if it isn't in the file.
func (f *File) Get(ctx context.Context, id flow.ID) (got *flow.Flow, err error) {
	q := Query{Where: "f.id = ?", Args: []any{int64(id)}, Bodies: true} //nolint:gosec // IDs count from 1
	err = f.Flows(ctx, q, func(x *flow.Flow) error {
		got = x
		return nil
	})
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

// About returns the capture without its flows.
func (f *File) About(ctx context.Context) (*flow.Capture, error) {
	h := f.Header
	c := &flow.Capture{File: f.Path, Creator: h.Creator, Environment: h.Environment, RawSecrets: h.RawSecrets, Strict: h.Strict}
	if err := get(f.db, "redacted", &c.Redacted); err != nil {
		return nil, err
	}
	if err := get(f.db, "omitted", &c.Omitted); err != nil {
		return nil, err
	}
	err := f.texts(ctx, "SELECT record FROM findings ORDER BY rank", func(text string) error {
		var r flow.RecordFinding
		err := json.Unmarshal([]byte(text), &r)
		c.Findings = append(c.Findings, r.Finding())
		return err
	})
	if err != nil {
		return nil, err
	}
	return c, f.texts(ctx, "SELECT json_array(at, text) FROM steps ORDER BY at", func(text string) error {
		var s [2]string
		if err := json.Unmarshal([]byte(text), &s); err != nil {
			return err
		}
		at, err := time.Parse(time.RFC3339, s[0])
		c.Steps = append(c.Steps, flow.Step{At: at, Text: s[1]})
		return err
	})
}

// texts calls emit with the values of a query's only column.
func (f *File) texts(ctx context.Context, query string, emit func(string) error) error {
	rows, err := f.db.QueryContext(ctx, query)
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
	res, err := f.db.Exec(update, marked, note, int64(id)) //nolint:gosec // IDs count from 1
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return fmt.Errorf("flow %d isn't in the capture", id)
	}
	return nil
}
