package disk

import (
	"database/sql"
	"encoding/json"
	"errors"
	"runtime"
	"strconv"
	"time"

	"github.com/klauspost/compress/zstd"

	"detour/internal/flow"
)

// A Batch is what is written in one transaction. nil means no change.
type Batch struct {
	At       time.Time // now; zero: the file doesn't learn when it was written
	Flows    []*flow.Flow
	Findings []flow.Finding // all of them
	Steps    []flow.Step    // all of them
	Checks   []*flow.Check  // those that are new or changed
	Redacted map[string]int
	Omitted  *flow.Omitted
}

// A writer has the prepared statements of a file. One transaction uses it at a time.
type writer struct {
	db                        *sql.DB
	add, addRecord            *sql.Stmt // of flows that the file doesn't have
	flow, record, conn, body  *sql.Stmt
	changes                   *sql.Stmt
	zip                       *zstd.Encoder
	known                     map[flow.ID]bool // connections that were written
	bodies, maxBodies, forgot int64
	buf                       []byte
	encoder                   encoder

	// The IDs of all flows that were written, 64 to a word; nil if the file had flows
	// before. fresh are those of the batch.
	seen  map[flow.ID]uint64
	fresh []flow.ID
	flows int // how many
}

// DefaultMaxBodies limits the bodies of one capture, in bytes before compression.
const DefaultMaxBodies = 512 << 20

// yieldEvery is after how many flows a batch lets others run. Requests that wait on the same
// processor would wait for the whole batch, or for the 10 ms after which Go preempts it.
const yieldEvery = 32

// maxKnown limits the connections that are remembered.
const maxKnown = 1 << 16

const (
	addFlow    = `INSERT INTO flows VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`
	addRecord  = `INSERT INTO records VALUES (?, ?)`
	insertFlow = addFlow + ` ON CONFLICT(id) DO UPDATE SET
		rev=excluded.rev, final=excluded.final, origin=excluded.origin, service=excluded.service,
		operation=excluded.operation, page=excluded.page,
		status=excluded.status, error_code=excluded.error_code, failure=excluded.failure, dns=excluded.dns, tcp=excluded.tcp, tls=excluded.tls,
		address=excluded.address, scope=excluded.scope, duration_ms=excluded.duration_ms, sent=excluded.sent, received=excluded.received,
		connection=excluded.connection, marked=excluded.marked, note=excluded.note
		WHERE excluded.rev >= rev`
	insertRecord  = `INSERT OR REPLACE INTO records VALUES (?, ?)`
	insertConn    = `INSERT OR REPLACE INTO connections VALUES (?, ?, ?)`
	insertBody    = `INSERT OR IGNORE INTO bodies VALUES (?, ?, ?, ?, ?)`
	insertChanges = `INSERT INTO changes(flow) SELECT value FROM json_each(?)`
)

func newWriter(db *sql.DB) (w *writer, err error) {
	w = &writer{db: db, known: make(map[flow.ID]bool), maxBodies: DefaultMaxBodies}
	for q, s := range map[string]**sql.Stmt{
		addFlow: &w.add, addRecord: &w.addRecord, insertFlow: &w.flow, insertRecord: &w.record,
		insertConn: &w.conn, insertBody: &w.body, insertChanges: &w.changes,
	} {
		if *s, err = db.Prepare(q); err != nil {
			return nil, err
		}
	}
	w.zip, err = zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(1<<17))
	return w, err
}

func (w *writer) close() (err error) {
	for _, s := range []*sql.Stmt{w.add, w.addRecord, w.flow, w.record, w.conn, w.body, w.changes} {
		err = errors.Join(err, s.Close())
	}
	return errors.Join(err, w.zip.Close())
}

// Write writes a batch in one transaction. Only one goroutine may call it.
func (f *File) Write(b Batch) error {
	tx, err := f.db.Begin()
	if err != nil {
		return err
	}
	bodies, forgot := f.write.bodies, f.write.forgot
	err = f.write.batch(tx, b)
	if err == nil {
		err = tx.Commit()
	}
	if err != nil {
		_ = tx.Rollback() // a failed commit may have done it
		f.write.bodies, f.write.forgot = bodies, forgot
		clear(f.write.known)
		f.write.forget()
	}
	f.write.fresh = f.write.fresh[:0]
	return err
}

func (w *writer) batch(tx *sql.Tx, b Batch) error {
	conns, bodies := tx.Stmt(w.conn), tx.Stmt(w.body)
	changes := []byte{'['}
	put := revisions{tx.Stmt(w.add), tx.Stmt(w.addRecord), tx.Stmt(w.flow), tx.Stmt(w.record)}
	for i, f := range b.Flows {
		if i%yieldEvery == yieldEvery-1 {
			runtime.Gosched()
		}
		if c := f.Conn; c != nil && c.ID != 0 && (!f.Reused || !w.known[c.ID]) {
			if err := w.putConn(conns, c); err != nil {
				return err
			}
		}
		if newest, err := w.putFlow(put, f); err != nil {
			return err
		} else if !newest {
			continue
		}
		changes = append(strconv.AppendUint(changes, uint64(f.ID), 10), ',')
		if !f.Final() {
			continue // whether its bodies are kept depends on how it ends
		}
		if err := w.putBody(bodies, f.ID, "request", f.Request.Body, f.Request.BodyTruncated); err != nil {
			return err
		}
		if r := f.Response; r != nil {
			if err := w.putBody(bodies, f.ID, "response", r.Body, r.BodyTruncated); err != nil {
				return err
			}
		}
	}
	if len(changes) > 1 {
		changes[len(changes)-1] = ']'
		if _, err := tx.Stmt(w.changes).Exec(string(changes)); err != nil {
			return err
		}
	}
	return w.rest(tx, b)
}

// revisions are the statements that write a flow in a transaction.
type revisions struct{ add, addRecord, flow, record *sql.Stmt }

// putFlow writes a flow's row and record. It reports false if the file has a newer revision.
// Nearly all flows are new to the file, which is cheaper than to replace a revision.
func (w *writer) putFlow(put revisions, f *flow.Flow) (newest bool, err error) {
	flows, records := put.add, put.addRecord
	unwritten := w.count(f.ID)
	if !unwritten {
		flows, records = put.flow, put.record
	}
	res, err := flows.Exec(row(f)...)
	if err != nil {
		return false, err
	}
	if !unwritten {
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return false, err
		}
	}
	record, err := w.encoder.record(f)
	if err != nil {
		return false, err
	}
	_, err = records.Exec(int64(f.ID), string(record)) //nolint:gosec // IDs count from 1
	return err == nil, err
}

// rest writes the parts of a batch that aren't flows.
func (w *writer) rest(tx *sql.Tx, b Batch) error {
	if b.Findings != nil {
		if _, err := tx.Exec("DELETE FROM findings"); err != nil {
			return err
		}
		for i, x := range b.Findings {
			r, err := json.Marshal(x.Record())
			if err != nil {
				return err
			}
			if _, err := tx.Exec("INSERT INTO findings VALUES (?, ?, ?, ?, ?)", i+1, x.Code, string(x.Level), x.Title, string(r)); err != nil {
				return err
			}
		}
	}
	if b.Steps != nil {
		if _, err := tx.Exec("DELETE FROM steps"); err != nil {
			return err
		}
		for _, s := range b.Steps {
			if _, err := tx.Exec("INSERT INTO steps VALUES (?, ?)", stamp(s.At), s.Text); err != nil {
				return err
			}
		}
	}
	for _, c := range b.Checks {
		if err := putCheck(tx, c); err != nil {
			return err
		}
	}
	if len(b.Flows) > 0 {
		if _, err := tx.Exec(forgetChanges, maxChanges); err != nil {
			return err
		}
	}
	if !b.At.IsZero() {
		if err := put(tx, writtenKey, stamp(b.At)); err != nil {
			return err
		}
	}
	if b.Redacted != nil {
		if err := put(tx, "redacted", b.Redacted); err != nil {
			return err
		}
	}
	if len(w.fresh) > 0 {
		if err := put(tx, countKey, w.flows); err != nil {
			return err
		}
	}
	if o := b.Omitted; o != nil {
		return put(tx, "omitted", flow.Omitted{Flows: o.Flows, Bodies: o.Bodies + int(w.forgot)})
	}
	return nil
}

// count counts a flow when it is written for the first time, and reports whether it is.
func (w *writer) count(id flow.ID) bool {
	bit := uint64(1) << (id % 64)
	if w.seen == nil || w.seen[id/64]&bit != 0 {
		return false
	}
	w.seen[id/64] |= bit
	w.fresh = append(w.fresh, id)
	w.flows++
	return true
}

// forget takes back the count of a batch that wasn't written.
func (w *writer) forget() {
	for _, id := range w.fresh {
		w.seen[id/64] &^= uint64(1) << (id % 64)
	}
	w.flows -= len(w.fresh)
}

func (w *writer) putConn(stmt *sql.Stmt, c *flow.Conn) error {
	alone := flow.Flow{Conn: c}
	r := alone.Record()
	b, err := json.Marshal(r.Connection)
	if err != nil {
		return err
	}
	if len(w.known) >= maxKnown {
		clear(w.known)
	}
	w.known[c.ID] = true
	_, err = stmt.Exec(int64(c.ID), c.Authority, string(b)) //nolint:gosec // IDs count from 1
	return err
}

// putBody writes a body if there is room, and counts it otherwise.
func (w *writer) putBody(stmt *sql.Stmt, id flow.ID, side string, body []byte, truncated bool) error {
	if body == nil {
		return nil
	}
	if w.bodies+int64(len(body)) > w.maxBodies {
		w.forgot++
		return nil
	}
	w.buf = w.zip.EncodeAll(body, w.buf[:0])
	res, err := stmt.Exec(int64(id), side, len(body), truncated, w.buf) //nolint:gosec // IDs count from 1
	if err != nil {
		return err
	}
	n, err := res.RowsAffected() // 0 if an earlier revision wrote it
	w.bodies += n * int64(len(body))
	return err
}
