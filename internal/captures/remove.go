package captures

import (
	"errors"
	"io/fs"
	"os"

	"detour/internal/capture/disk"
)

// Reasons why a capture isn't removed.
var (
	errLive    = errors.New("a run is writing it")
	errForeign = errors.New("it isn't a capture")
	errOther   = errors.New("it is another file than the one that was listed")
)

// Remove removes a capture, and SQLite's files next to it. The capture goes first: without it
// the others are worth nothing, and the other way round its newest flows would be lost. An
// error after it was removed is about the others.
func Remove(c *Capture) (removed bool, err error) {
	info, err := os.Lstat(c.Path)
	switch {
	case err != nil:
		return false, cause(err)
	case !info.Mode().IsRegular() || !os.SameFile(info, c.id):
		return false, errOther
	case c.State == Foreign:
		return false, errForeign
	case disk.Live(c.Path):
		return false, errLive
	}
	if err := os.Remove(c.Path); err != nil {
		return false, cause(err)
	}
	var left error
	for _, end := range beside() {
		b, err := os.Lstat(c.Path + end)
		if err == nil && b.Mode().IsRegular() {
			if err := os.Remove(c.Path + end); err != nil && !errors.Is(err, fs.ErrNotExist) {
				left = errors.Join(left, err)
			}
		}
	}
	return true, left
}

// cause is an error of a file without its path.
func cause(err error) error {
	var of *fs.PathError
	if errors.As(err, &of) {
		return of.Err
	}
	return err
}
