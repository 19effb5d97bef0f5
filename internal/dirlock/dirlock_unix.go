//go:build unix

package dirlock

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// lock opens a file that is locked until it is closed. A new one is locked before it gets
// its name, so that no process takes it for an orphaned one.
func lock(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|syscall.O_NOFOLLOW, 0)
	if err == nil {
		return f, flock(f, syscall.LOCK_EX)
	}
	if !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	unnamed := fmt.Sprintf("%s.%d", path, os.Getpid())
	if f, err = os.OpenFile(unnamed, os.O_RDWR|os.O_CREATE|os.O_TRUNC|syscall.O_NOFOLLOW, 0o600); err != nil {
		return nil, err
	}
	if err := flock(f, syscall.LOCK_EX); err != nil {
		return nil, err
	}
	if err := os.Rename(unnamed, path); err != nil {
		removeHeld(f, unnamed)
		return nil, err
	}
	return f, nil
}

// flock locks a file without waiting, or closes it. The lock belongs to the open file: it
// ends with the last process that has it open, and browsers don't inherit it.
func flock(f *os.File, how int) error {
	err := syscall.Flock(int(f.Fd()), how|syscall.LOCK_NB) //nolint:gosec // a descriptor is a small number
	if err == nil {
		return nil
	}
	f.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return errLocked
	}
	return err
}

func removeHeld(f *os.File, path string) {
	_ = os.Remove(path)
	f.Close()
}

// state takes a shared lock, so that two processes that ask don't see each other as the
// holder.
func state(path string) State {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return Unknown
	}
	switch err := flock(f, syscall.LOCK_SH); {
	case err == nil:
		f.Close()
		return Orphaned
	case errors.Is(err, errLocked):
		return Held
	}
	return Unknown
}
