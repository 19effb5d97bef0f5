package disk

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	_ "modernc.org/sqlite" // the driver called "sqlite"

	"detour/internal/atomicfile"
	"detour/internal/flow"
	"detour/internal/privatedir"
)

// ErrNotCapture says that a file isn't a capture.
var ErrNotCapture = errors.New("not a detour capture")

// Ext is what the name of a capture ends in.
const Ext = ".detour"

// A Header describes a capture from its start.
type Header struct {
	Creator     string            `json:"creator"` // "detour 1.0"
	Environment *flow.Environment `json:"environment,omitempty"`
	RawSecrets  bool              `json:"raw_secrets,omitempty"`
	Strict      bool              `json:"strict_privacy,omitempty"`
}

// A File is a capture on disk. Its methods may be called concurrently, but not by the
// emit function of Flows: there is one connection to the database.
type File struct {
	Path   string
	Header Header
	db     *sql.DB
	made   *os.File    // a file that was created; nil if it was opened
	mark   *os.File    // its log, locked for as long as it is written; nil if there is none
	id     fs.FileInfo // identifies it
	write  *writer     // nil if it was opened for reading

	version  int   // of its schema
	headless error // why Header couldn't be read
	lacks    error // why flows of a file that was opened may be missing; nil if none are
}

// Create makes a new capture that only its owner can read. If the file exists, it isn't
// touched, and the error wraps fs.ErrExist.
func Create(path string, h Header) (*File, error) {
	if err := atomicfile.CheckName(path); err != nil {
		return nil, err
	}
	made, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	privatedir.OwnerOnly(path)
	info, err := made.Stat()
	if err != nil {
		_ = made.Close()
		return nil, err
	}
	f, err := open(path, "rw")
	if err == nil {
		f.made, f.id = made, info
		err = f.begin(h)
	}
	if err != nil {
		if f != nil {
			_ = f.db.Close()
		}
		_ = made.Close()
		_ = os.Remove(path)
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return f, nil
}

func (f *File) begin(h Header) error {
	if _, err := f.db.Exec(fmt.Sprintf("PRAGMA application_id = %d", applicationID)); err != nil {
		return err
	}
	// The tables are in the file itself, so that it is a capture even without its log. The
	// header is in the log, which is never empty while the file is written.
	if err := migrate(f.db, 0); err != nil {
		return err
	}
	if _, err := f.db.Exec("PRAGMA journal_mode = WAL"); err != nil {
		return err
	}
	f.Header = h
	if err := put(f.db, "header", h); err != nil {
		return err
	}
	var err error
	f.write, err = newWriter(f.db)
	if err == nil {
		f.write.seen = make(map[flow.ID]uint64)
		f.mark = markLive(f.Path)
	}
	return err
}

// Keys of meta that say whether a file is complete.
const (
	countKey   = "flows"       // how many were written
	writtenKey = "written"     // when it was written last
	endKey     = "ended"       // when the file was closed
	noLogKey   = "log_missing" // it was edited without its log
)

// WriteHeader writes Header again.
func (f *File) WriteHeader() error { return put(f.db, "header", f.Header) }

// displaced says that the file was moved or removed; "" if it wasn't. Writes still go to it.
func (f *File) displaced() string {
	if f.made == nil {
		return ""
	}
	info, err := os.Stat(f.Path)
	switch {
	case err == nil && os.SameFile(info, f.id):
		return ""
	case f.removed():
		return "the capture file was removed: its flows are lost when detour ends"
	}
	return "the capture file was moved or removed; new flows are still written to it"
}

// removed reports whether a file that was created has no name any more, as far as the
// system says so.
func (f *File) removed() bool { return f.made != nil && nameless(f.made) }

// Close closes the file. A capture that was written is then a single file.
func (f *File) Close() error {
	if f.write == nil {
		return f.db.Close()
	}
	err := f.write.close()
	if f.made != nil {
		err = errors.Join(err, put(f.db, endKey, stamp(time.Now())))
	}
	f.unmark()
	f.single()
	err = errors.Join(err, f.db.Close())
	if f.made != nil { // not before: it would release the locks of SQLite (fcntl(2))
		_ = f.made.Close()
	}
	return err
}

// releaseTime is how long Close waits for programs that follow the file to release it.
const releaseTime = time.Second

// single ends write-ahead mode, so that the file has everything and readers don't create files
// next to it. While another process reads the file, that isn't possible: the log is then left
// empty.
func (f *File) single() {
	const ask = followEvery / 5
	for end := time.Now().Add(releaseTime); f.made != nil && time.Now().Before(end); time.Sleep(ask) {
		if _, err := f.db.Exec("PRAGMA journal_mode = DELETE"); err == nil {
			return
		}
	}
	_, _ = f.db.Exec("PRAGMA journal_mode = DELETE")
	_, _ = f.db.Exec("PRAGMA wal_checkpoint(TRUNCATE)")
}

// querier is a database, or a transaction of one.
type querier interface {
	Exec(query string, args ...any) (sql.Result, error)
	QueryRow(query string, args ...any) *sql.Row
}

// put writes a value of meta.
func put(q querier, key string, value any) error {
	b, err := json.Marshal(value)
	if err != nil {
		return err
	}
	_, err = q.Exec("INSERT OR REPLACE INTO meta VALUES (?, ?)", key, string(b))
	return err
}

// get reads a value of meta. It leaves value unchanged if there is none.
func get(q querier, key string, value any) error {
	var text string
	err := q.QueryRow("SELECT value FROM meta WHERE key = ?", key).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return json.Unmarshal([]byte(text), value)
}

// stamp formats a time for the tables.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }
