package usererr

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"detour/internal/errno"
)

// CantWrite returns the error for a file, or a directory of files, that can't be
// written. err may name another file than path: the temporary one that was tried.
func CantWrite(path string, err error) *Error {
	dir, cause := filepath.Dir(path), FileCause(err)
	hint := "choose another path"
	switch info, serr := os.Stat(path); {
	case serr == nil && info.IsDir() && errors.Is(err, fs.ErrExist), errors.Is(err, syscall.EISDIR):
		cause, hint = errors.New("it is a directory"), "give the name of a file in it"
	case errors.Is(err, fs.ErrNotExist) && exists(dir): // as in /proc
	case errors.Is(err, fs.ErrNotExist):
		hint = "there is no directory " + dir + ": create it, or choose another path"
	case errors.Is(err, syscall.ENOTDIR):
		hint = "part of the path is a file, not a directory; choose another path"
	case errors.Is(err, fs.ErrPermission), errno.IsReadOnly(err):
		hint = "you don't have permission to write there; choose another path"
	case errno.IsDiskFull(err):
		hint = "the disk is full: free some space, or choose another path"
	case errno.IsOpenElsewhere(err):
		hint = "another program has it open: close it there, or choose another path"
	}
	return &Error{Err: fmt.Errorf("can't write %s: %w", path, cause), Hint: hint, Class: Fail}
}

// FileCause returns the system's error of a file operation, without the file's name.
func FileCause(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
