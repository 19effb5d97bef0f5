// Package atomicfile writes files atomically: a reader never sees a truncated file, and a
// failed write leaves the old one in place.
package atomicfile

import (
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"detour/internal/usererr"
)

// Write writes a file under a temporary name in the same directory and renames it once it is
// complete. Unless replace is set, a file that already exists is left alone, which is
// fs.ErrExist. Any other error is a [usererr.Error], or context.Canceled if write
// returned that.
func Write(path string, replace bool, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".detour-*")
	if err != nil {
		return usererr.CantWrite(path, err)
	}
	defer os.Remove(f.Name())
	werr, cerr := write(f), f.Close()
	if err := cmp.Or(werr, cerr); errors.Is(err, context.Canceled) {
		return err
	} else if err != nil {
		return usererr.CantWrite(path, err)
	}
	if replace {
		err = os.Rename(f.Name(), path)
	} else if err = os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) { // a file system without links
		if _, err = os.Lstat(path); err == nil {
			err = fs.ErrExist
		} else {
			err = os.Rename(f.Name(), path)
		}
	}
	switch {
	case err == nil:
		return nil
	case !replace && errors.Is(err, fs.ErrExist):
		return &fs.PathError{Op: "write", Path: path, Err: fs.ErrExist}
	}
	return usererr.CantWrite(path, err)
}
