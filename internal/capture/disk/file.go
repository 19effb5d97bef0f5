// Package disk keeps a capture in one SQLite file, which can be read with any
// SQLite shell while it is being written.
//
// What it is given has been redacted: it knows nothing of secrets. A process that
// is killed loses what it has not committed yet and nothing else: SQLite's
// write-ahead log is replayed by whoever opens the file next.
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

	"detour/internal/flow"
)

// ErrNotCapture says that a file isn't one of ours.
var ErrNotCapture = errors.New("it is no capture of detour")

// A Header is what a capture says of itself from its first moment.
type Header struct {
	Creator     string            `json:"creator"` // "detour 1.0"
	Environment *flow.Environment `json:"environment,omitempty"`
	RawSecrets  bool              `json:"raw_secrets,omitempty"`
	Strict      bool              `json:"strict_privacy,omitempty"`
}

// A File is a capture on disk. Its methods may be called concurrently, but not from
// what Flows emits to: there is one connection to the database.
type File struct {
	Path   string
	Header Header
	db     *sql.DB
	made   fs.FileInfo // of a file that was created: which one it is
	write  *writer     // nil if it was opened to be read
}

// Create makes a new capture, for its owner alone. A file that is there already is
// left alone: the error wraps fs.ErrExist.
func Create(path string, h Header) (*File, error) {
	made, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	info, err := made.Stat()
	if err := errors.Join(err, made.Close()); err != nil {
		return nil, err
	}
	f, err := open(path, "rw")
	if err == nil {
		f.made = info
		err = f.begin(h)
	}
	if err != nil {
		if f != nil {
			_ = f.db.Close()
		}
		_ = os.Remove(path)
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return f, nil
}

func (f *File) begin(h Header) error {
	for _, q := range []string{fmt.Sprintf("PRAGMA application_id = %d", applicationID), "PRAGMA journal_mode = WAL"} {
		if _, err := f.db.Exec(q); err != nil {
			return err
		}
	}
	if err := migrate(f.db, 0); err != nil {
		return err
	}
	f.Header = h
	if err := put(f.db, "header", h); err != nil {
		return err
	}
	var err error
	f.write, err = newWriter(f.db)
	return err
}

// WriteHeader writes Header anew, of a file that is being written.
func (f *File) WriteHeader() error { return put(f.db, "header", f.Header) }

// away reports whether another file, or none, is where the file was created. What is
// written goes into the file all the same, wherever it is.
func (f *File) away() bool {
	info, err := os.Stat(f.Path)
	return f.made != nil && (err != nil || !os.SameFile(info, f.made))
}

// Close closes the file. Of a capture that was written, all is in one file then.
func (f *File) Close() error {
	if f.write == nil {
		return f.db.Close()
	}
	err := f.write.close()
	// Out of write-ahead mode, readers leave no files beside it. It fails while
	// somebody reads, and then it stays in that mode, which is as good a file.
	_, _ = f.db.Exec("PRAGMA journal_mode = DELETE")
	return errors.Join(err, f.db.Close())
}

// querier is a database, or a transaction of one.
type querier interface {
	Exec(query string, args ...any) (sql.Result, error)
	QueryRow(query string, args ...any) *sql.Row
}

// put keeps a value of meta.
func put(q querier, key string, value any) error {
	b, err := json.Marshal(value)
	if err != nil {
		return err
	}
	_, err = q.Exec("INSERT OR REPLACE INTO meta VALUES (?, ?)", key, string(b))
	return err
}

// get reads a value of meta; one that isn't there is left as it is.
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

// stamp is a time as the tables have it.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }
