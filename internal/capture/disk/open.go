package disk

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// Open opens a capture for reading, which may be in the process of being written. The
// error wraps ErrNotCapture if the file is none.
func Open(path string) (*File, error) {
	f, err := reopen(path, "ro")
	if err == nil || errors.Is(err, ErrNotCapture) || errors.Is(err, errSchema) {
		return f, err
	}
	// If SQLite can't create files next to it, it can read the file as immutable. Without
	// a log, that is all of it (sqlite.org/wal.html, read-only databases).
	if _, none := os.Stat(path + "-wal"); !errors.Is(none, fs.ErrNotExist) {
		return nil, err
	}
	if alone, err := reopen(path, "ro&immutable=1"); err == nil {
		return alone, nil
	}
	return nil, err
}

// Edit opens a capture for changing marks, notes and steps.
func Edit(path string) (*File, error) { return reopen(path, "rw") }

func reopen(path, mode string) (*File, error) {
	if err := looksLike(path); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	f, err := open(path, mode)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	v, err := f.check()
	if err == nil && mode == "rw" {
		err = migrate(f.db, v)
	}
	if err == nil {
		err = get(f.db, "header", &f.Header)
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

// looksLike checks that a file is a SQLite database by its first bytes
// (sqlite.org/fileformat.html, 1.3), before SQLite creates files next to it. It doesn't
// read from a pipe.
func looksLike(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return errors.Unwrap(err)
	}
	if !info.Mode().IsRegular() {
		return ErrNotCapture
	}
	r, err := os.Open(path)
	if err != nil {
		return errors.Unwrap(err)
	}
	defer r.Close()
	magic := make([]byte, 16)
	if _, err := io.ReadFull(r, magic); err != nil || !bytes.Equal(magic, []byte("SQLite format 3\x00")) {
		return ErrNotCapture
	}
	return nil
}

// open opens the database. It waits for a while for another process's lock.
func open(path, mode string) (*File, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", address(filepath.ToSlash(abs), mode))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1) // check's limits apply to one connection
	return &File{Path: path, db: db}, nil
}

// address returns the URI of a path with slashes (sqlite.org/uri.html): file:///C:/x for
// C:/x.
func address(path, mode string) string {
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	at := url.URL{Scheme: "file", Path: path}
	at.RawQuery = "mode=" + mode + "&" + url.Values{"_txlock": {"immediate"}, "_pragma": {
		"busy_timeout(2000)", "synchronous(normal)", "foreign_keys(off)", "cache_size(-1024)", "trusted_schema(off)", "cell_size_check(on)",
	}}.Encode()
	return at.String()
}
