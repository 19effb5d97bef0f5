package dirlock

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// lock opens a file that others can read but not write until it is closed.
func lock(path string) (*os.File, error) {
	return open(path, windows.GENERIC_READ|windows.GENERIC_WRITE, windows.FILE_SHARE_READ, windows.OPEN_ALWAYS)
}

func open(path string, access, share, how uint32) (*os.File, error) {
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return nil, err
	}
	h, err := windows.CreateFile(name, access, share, nil, how, windows.FILE_ATTRIBUTE_NORMAL, 0)
	if errors.Is(err, windows.ERROR_SHARING_VIOLATION) {
		return nil, errLocked
	}
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	return os.NewFile(uintptr(h), path), nil
}

// removeHeld: an open file can't be removed here.
func removeHeld(f *os.File, path string) {
	f.Close()
	_ = os.Remove(path)
}

// state opens the file for writing, which fails while the lock is held. It lets others
// write at the same time, so it doesn't keep them from taking the lock.
func state(path string) State {
	const everybody = windows.FILE_SHARE_READ | windows.FILE_SHARE_WRITE | windows.FILE_SHARE_DELETE
	f, err := open(path, windows.GENERIC_WRITE, everybody, windows.OPEN_EXISTING)
	switch {
	case err == nil:
		f.Close()
		return Orphaned
	case errors.Is(err, errLocked):
		return Held
	}
	return Unknown
}
