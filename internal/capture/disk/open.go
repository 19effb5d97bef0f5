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

// Open opens a capture to be read, and may do so while it is being written.
func Open(path string) (*File, error) {
	f, err := reopen(path, "ro")
	if err == nil || errors.Is(err, ErrNotCapture) || errors.Is(err, errSchema) {
		return f, err
	}
	// Where SQLite can make no file beside it, it reads what nobody writes: without a
	// log that is the whole of it (sqlite.org/wal.html, read-only databases).
	if _, none := os.Stat(path + "-wal"); !errors.Is(none, fs.ErrNotExist) {
		return nil, err
	}
	if alone, err := reopen(path, "ro&immutable=1"); err == nil {
		return alone, nil
	}
	return nil, err
}

// Edit opens a capture whose marks and notes are to be changed.
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

// looksLike tells SQLite files from others by their first bytes
// (sqlite.org/fileformat.html, 1.3), before SQLite makes files beside them. Of a
// pipe none is taken.
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

// open opens the database. Another process's lock is waited for a while.
func open(path, mode string) (*File, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", address(filepath.ToSlash(abs), mode))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1) // what check limits is one connection
	return &File{Path: path, db: db}, nil
}

// address is the URI of a path with slashes (sqlite.org/uri.html): C:/x is file:///C:/x.
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
