package disk

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"github.com/klauspost/compress/zstd"

	"detour/internal/fault"
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
	of                        driver.Conn // that the statements are prepared for
	add, addRecord            *statement  // of flows that the file doesn't have
	flow, record, conn, body  *statement
	changes, forgetChanges    *statement
	meta                      *statement
	zip                       *zstd.Encoder
	known                     map[flow.ID]bool // connections that were written
	bodies, maxBodies, forgot int64
	buf                       []byte
	encoder                   encoder
	ends                      ends

	// The IDs of all flows that were written, 64 to a word; nil if the file had flows
	// before. fresh are those of the batch.
	seen  map[flow.ID]uint64
	fresh []flow.ID
	flows int // how many
}

// DefaultMaxBodies limits the bodies of one capture, in bytes before compression.
const DefaultMaxBodies = 512 << 20

// maxKnown limits the connections that are remembered.
const maxKnown = 1 << 16

const (
	addFlow    = `INSERT INTO flows VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`
	addRecord  = `INSERT INTO records VALUES (?, CAST(? AS TEXT))`
	insertFlow = addFlow + ` ON CONFLICT(id) DO UPDATE SET
		rev=excluded.rev, final=excluded.final, origin=excluded.origin, service=excluded.service,
		operation=excluded.operation, page=excluded.page,
		status=excluded.status, error_code=excluded.error_code, failure=excluded.failure, dns=excluded.dns, tcp=excluded.tcp, tls=excluded.tls,
		address=excluded.address, scope=excluded.scope, duration_ms=excluded.duration_ms, sent=excluded.sent, received=excluded.received,
		connection=excluded.connection, marked=excluded.marked, note=excluded.note
		WHERE excluded.rev >= rev`
	insertRecord  = `INSERT OR REPLACE INTO records VALUES (?, CAST(? AS TEXT))`
	insertConn    = `INSERT OR REPLACE INTO connections VALUES (?, ?, CAST(? AS TEXT))`
	insertBody    = `INSERT OR IGNORE INTO bodies VALUES (?, ?, ?, ?, ?)`
	insertMeta    = `INSERT OR REPLACE INTO meta VALUES (?, CAST(? AS TEXT))`
	insertChanges = `INSERT INTO changes(flow) SELECT value FROM json_each(?)`
)

func newWriter(db *sql.DB) (w *writer, err error) {
	w = &writer{db: db, known: make(map[flow.ID]bool), maxBodies: DefaultMaxBodies}
	if err = w.use(w.prepare); err != nil {
		return nil, err
	}
	w.zip, err = zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(1<<17))
	return w, err
}

// use calls do with the connection to the database.
func (w *writer) use(do func(c driver.Conn) error) error {
	c, err := w.db.Conn(context.Background())
	if err != nil {
		return err
	}
	return errors.Join(c.Raw(func(c any) error { return do(c.(driver.Conn)) }), c.Close())
}

// prepare prepares the statements, unless they are. database/sql replaces a connection of which a
// query was interrupted, and its statements are closed with it.
func (w *writer) prepare(c driver.Conn) (err error) {
	if c == w.of {
		return nil
	}
	w.of = nil
	for q, s := range map[string]**statement{
		addFlow: &w.add, addRecord: &w.addRecord, insertFlow: &w.flow, insertRecord: &w.record,
		insertConn: &w.conn, insertBody: &w.body, insertChanges: &w.changes, forgetChanges: &w.forgetChanges, insertMeta: &w.meta,
	} {
		if *s, err = prepare(c, q); err != nil {
			return err
		}
	}
	w.of = c
	return nil
}

func (w *writer) close() error {
	return errors.Join(w.zip.Close(), w.use(func(c driver.Conn) (err error) {
		if c != w.of {
			return nil
		}
		for _, s := range w.statements() {
			err = errors.Join(err, s.Close())
		}
		return err
	}))
}

func (w *writer) statements() []*statement {
	return []*statement{w.add, w.addRecord, w.flow, w.record, w.conn, w.body, w.changes, w.forgetChanges, w.meta}
}

// Write writes a batch in one transaction. Only one goroutine may call it, also again after a panic,
// which leaves nothing of the batch in the file.
func (f *File) Write(b Batch) error {
	conn, err := f.db.Conn(context.Background())
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	tx, err := conn.BeginTx(context.Background(), nil)
	if err != nil {
		return err
	}
	bodies, forgot := f.write.bodies, f.write.forgot
	var panicked *fault.Panic
	err = conn.Raw(func(c any) (err error) {
		panicked = fault.Catch(func() { err = f.write.batch(c.(driver.Conn), b) }) // with which database/sql would wait for itself
		return err
	})
	if panicked == nil && err == nil {
		panicked = fault.Catch(func() { err = rest(tx, b) })
	}
	if panicked == nil && err == nil {
		err = tx.Commit()
	}
	if panicked != nil || err != nil {
		_ = tx.Rollback() // a failed commit may have done it
		for _, s := range f.write.statements() {
			s.n = 0
		}
		f.write.bodies, f.write.forgot = bodies, forgot
		clear(f.write.known)
		f.write.forget()
	}
	f.write.fresh = f.write.fresh[:0]
	panicked.Raise()
	return err
}

// batch writes what most batches have: flows, and what is counted with them.
func (w *writer) batch(c driver.Conn, b Batch) error {
	if err := w.prepare(c); err != nil {
		return err
	}
	if err := w.putFlows(b.Flows); err != nil {
		return err
	}
	if !b.At.IsZero() {
		if err := w.putMeta(writtenKey, stamp(b.At)); err != nil {
			return err
		}
	}
	if b.Redacted != nil {
		if err := w.putMeta("redacted", b.Redacted); err != nil {
			return err
		}
	}
	if len(w.fresh) > 0 {
		if err := w.putMeta(countKey, w.flows); err != nil {
			return err
		}
	}
	if o := b.Omitted; o != nil {
		return w.putMeta("omitted", flow.Omitted{Flows: o.Flows, Bodies: o.Bodies + int(w.forgot)})
	}
	return nil
}

// putMeta writes a value of meta.
func (w *writer) putMeta(key string, value any) error {
	b, err := json.Marshal(value)
	if err != nil {
		return err
	}
	set(w.meta, key)
	w.meta.bytes(b)
	_, err = w.meta.exec()
	return err
}

func (w *writer) putFlows(flows []*flow.Flow) error {
	changes := []byte{'['}
	for _, f := range flows {
		if c := f.Conn; c != nil && c.ID != 0 && (!f.Reused || !w.known[c.ID]) {
			if err := w.putConn(c); err != nil {
				return err
			}
		}
		if newest, err := w.putFlow(f); err != nil {
			return err
		} else if !newest {
			continue
		}
		changes = append(strconv.AppendUint(changes, uint64(f.ID), 10), ',')
		if !f.Final() {
			continue // whether its bodies are kept depends on how it ends
		}
		if err := w.putBody(f.ID, "request", f.Request.Body, f.Request.BodyTruncated); err != nil {
			return err
		}
		if r := f.Response; r != nil {
			if err := w.putBody(f.ID, "response", r.Body, r.BodyTruncated); err != nil {
				return err
			}
		}
	}
	if len(changes) == 1 {
		return nil
	}
	changes[len(changes)-1] = ']'
	set(w.changes, string(changes))
	if _, err := w.changes.exec(); err != nil {
		return err
	}
	set(w.forgetChanges, int64(maxChanges))
	_, err := w.forgetChanges.exec()
	return err
}

// putFlow writes a flow's row and record. It reports false if the file has a newer revision.
// Nearly all flows are new to the file, which is cheaper than to replace a revision.
func (w *writer) putFlow(f *flow.Flow) (newest bool, err error) {
	flows, records := w.add, w.addRecord
	if !w.count(f.ID) {
		flows, records = w.flow, w.record
	}
	w.setRow(flows, f)
	if n, err := flows.exec(); err != nil || n == 0 {
		return false, err
	}
	record, err := w.encoder.record(f)
	if err != nil {
		return false, err
	}
	set(records, int64(f.ID)) //nolint:gosec // IDs count from 1
	records.bytes(record)
	_, err = records.exec()
	return err == nil, err
}

// rest writes the parts of a batch that few have.
func rest(tx *sql.Tx, b Batch) error {
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

func (w *writer) putConn(c *flow.Conn) error {
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
	set(w.conn, int64(c.ID)) //nolint:gosec // IDs count from 1
	set(w.conn, c.Authority)
	w.conn.bytes(b)
	_, err = w.conn.exec()
	return err
}

// putBody writes a body if there is room, and counts it otherwise.
func (w *writer) putBody(id flow.ID, side string, body []byte, truncated bool) error {
	if body == nil {
		return nil
	}
	if w.bodies+int64(len(body)) > w.maxBodies {
		w.forgot++
		return nil
	}
	w.buf = w.zip.EncodeAll(body, w.buf[:0])
	set(w.body, int64(id)) //nolint:gosec // IDs count from 1
	set(w.body, side)
	set(w.body, int64(len(body)))
	set(w.body, truncated)
	w.body.bytes(w.buf)
	n, err := w.body.exec() // 0 if an earlier revision wrote it
	w.bodies += n * int64(len(body))
	return err
}
