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
	"strings"
	"syscall"

	"detour/internal/interrupt"
	"detour/internal/usererr"
)

// Write writes a file under a temporary name in the same directory and renames it once it is
// complete. Unless replace is set, a file that already exists is left alone, which is
// fs.ErrExist. A pipe or a terminal is never replaced: Write writes to it. Any other error
// is a [usererr.Error], or context.Canceled if write returned that.
func Write(path string, replace bool, write func(io.Writer) error) error {
	return WriteIn(context.Background(), path, replace, write)
}

// WriteIn is [Write] in a command with this context: if signals end it while write is blocked, the
// temporary file is removed.
func WriteIn(ctx context.Context, path string, replace bool, write func(io.Writer) error) error {
	if err := CheckName(path); err != nil {
		return usererr.CantWrite(path, err)
	}
	if into, err := special(path); err != nil {
		return usererr.CantWrite(path, err)
	} else if into {
		return writeInto(path, write)
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".detour-*")
	if err != nil {
		return usererr.CantWrite(path, err)
	}
	defer os.Remove(f.Name())
	defer interrupt.Undo(ctx, func() {
		_ = f.Close() // Windows doesn't remove an open file
		_ = os.Remove(f.Name())
	})()
	werr, cerr := write(f), f.Close()
	if err := cmp.Or(werr, cerr); errors.Is(err, context.Canceled) {
		return err
	} else if err != nil {
		return usererr.CantWrite(path, err)
	}
	if replace {
		if err = os.Rename(f.Name(), path); err != nil && isDir(path) {
			err = syscall.EISDIR // Windows denies access instead
		}
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

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// special reports whether a path is that of a pipe or a device, or of one of this process's
// open files, which the system shows in /dev and /proc. The error says what can't be written.
func special(path string) (bool, error) {
	info, err := os.Stat(path)
	if err != nil || info.IsDir() {
		return false, nil //nolint:nilerr // it isn't there, or creating a file fails as well
	}
	switch mode := info.Mode(); {
	case mode&os.ModeSocket != 0:
		return false, errors.New("it is a socket")
	case mode&os.ModeDevice != 0 && mode&os.ModeCharDevice == 0:
		return false, errors.New("it is a disk")
	case !mode.IsRegular():
		return true, nil
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return false, err
	}
	for _, dir := range []string{"/dev/", "/proc/"} {
		if strings.HasPrefix(filepath.ToSlash(abs), dir) && !strings.HasPrefix(abs, "/dev/shm/") {
			return true, nil
		}
	}
	return false, nil
}

// writeInto writes to what a path stands for.
func writeInto(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		return usererr.CantWrite(path, err)
	}
	werr, cerr := write(f), f.Close()
	if err := cmp.Or(werr, cerr); err != nil && !errors.Is(err, context.Canceled) {
		return usererr.CantWrite(path, err)
	}
	return werr
}
