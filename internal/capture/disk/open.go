package disk

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// Open opens a capture for reading, which may be in the process of being written. The
// error wraps ErrNotCapture if the file is none, and ErrDamaged or ErrNoLog if nothing of it
// can be read.
func Open(path string) (*File, error) {
	lacks, err := looksLike(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	// Without a log, the file can be read as immutable, for which SQLite creates no files
	// next to it (sqlite.org/wal.html, read-only databases).
	alone := errors.Is(lacks, ErrNoLog)
	mode := "ro"
	if alone {
		mode = "ro&immutable=1"
	}
	f, err := reopen(path, mode)
	if err != nil && !alone && !isDamage(err) && !errors.Is(err, ErrNotCapture) && !errors.Is(err, errSchema) {
		if _, none := os.Stat(path + "-wal"); errors.Is(none, fs.ErrNotExist) {
			if it, err := reopen(path, "ro&immutable=1"); err == nil {
				return it, nil
			}
		}
	}
	switch {
	case isDamage(err):
		// SQLite then also reads a file that is shorter than it says.
		if f, err = reopen(path, mode, "writable_schema(on)"); err != nil && !errors.Is(err, ErrDamaged) {
			err = fmt.Errorf("%s: %w", path, fmt.Errorf("%w: %w", ErrDamaged, cause(err)))
		}
	case alone && errors.Is(err, ErrNotCapture):
		return nil, fmt.Errorf("%s: %w", path, ErrNoLog)
	}
	if err != nil {
		return nil, err
	}
	if alone && f.ended() {
		lacks = nil
	}
	if f.lost() {
		lacks = ErrNoLog
	}
	f.lacks = lacks
	return f, nil
}

// ended reports whether the file was closed, so that its log has nothing more.
func (f *File) ended() bool {
	var at string
	return get(f.db, endKey, &at) == nil && at != ""
}

// lost reports whether the file was edited after it had lost its log.
func (f *File) lost() (lost bool) {
	_ = get(f.db, noLogKey, &lost)
	return lost
}

// Edit opens a capture for changing marks, notes and steps.
func Edit(path string) (*File, error) {
	lacks, err := looksLike(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	f, err := reopen(path, "rw")
	if err == nil && errors.Is(lacks, ErrNoLog) && !f.ended() {
		if err = put(f.db, noLogKey, true); err != nil {
			_ = f.db.Close()
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	return f, err
}

func reopen(path, mode string, pragmas ...string) (*File, error) {
	f, err := open(path, mode, pragmas...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	v, err := f.check()
	if f.version = v; err == nil && mode == "rw" {
		err, f.version = migrate(f.db, v), len(migrations())
	}
	if err == nil {
		if err = get(f.db, "header", &f.Header); mode != "rw" {
			f.headless, err = err, nil
		}
	}
	if err == nil && mode == "rw" {
		f.write, err = newWriter(f.db)
	}
	if err != nil {
		_ = f.db.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return f, nil
}

// cause returns an error without the path.
func cause(err error) error {
	if inner := errors.Unwrap(err); inner != nil {
		return inner
	}
	return err
}

// open opens the database. It waits for a while for another process's lock.
func open(path, mode string, pragmas ...string) (*File, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", address(filepath.ToSlash(abs), mode, pragmas...))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1) // check's limits apply to one connection
	return &File{Path: path, db: db}, nil
}

// address returns the URI of a path with slashes (sqlite.org/uri.html): file:///C:/x for
// C:/x. pragmas are set before others.
func address(path, mode string, pragmas ...string) string {
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	at := url.URL{Scheme: "file", Path: path}
	at.RawQuery = "mode=" + mode + "&" + url.Values{"_txlock": {"immediate"}, "_pragma": append(pragmas,
		"busy_timeout(2000)", "synchronous(normal)", "foreign_keys(off)", "cache_size(-1024)", "trusted_schema(off)", "cell_size_check(on)",
	)}.Encode()
	return at.String()
}
