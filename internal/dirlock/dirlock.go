// Package dirlock marks a directory as in use by a process for as long as that process
// runs ([Take]). Others can tell that it is in use ([Of]), and remove what killed processes
// left ([Sweep]). The mark is a lock, which the system releases however the process ends; a
// process ID or a file's age wouldn't be reliable.
package dirlock

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"detour/internal/privatedir"
)

// file is the mark's name in the directory. It contains the process ID, for people.
const file = "detour-lease"

// A State says whether a directory is in use.
type State int

// States of a directory.
const (
	Unknown  State = iota // there is no mark, or it can't be read
	Held                  // a process uses it
	Orphaned              // the process that used it was killed
)

// A HeldError means that a directory is in use.
type HeldError struct{ PID int } // 0: unknown

// Error implements error.
func (e *HeldError) Error() string {
	if e.PID == 0 {
		return "it is in use by another process"
	}
	return "it is in use by process " + strconv.Itoa(e.PID)
}

// A Lock is held until Release, or the end of the process.
type Lock struct {
	f    *os.File
	path string
}

// Take takes the lock of a directory, which must exist. The error is a *HeldError if
// the lock is held, also if this process holds it.
func Take(dir string) (*Lock, error) {
	path := filepath.Join(dir, file)
	f, err := lock(path)
	if errors.Is(err, errLocked) {
		return nil, &HeldError{holder(path)}
	}
	if err != nil {
		return nil, err
	}
	if err := f.Truncate(0); err == nil {
		_, _ = f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0) // the ID is for people
	}
	return &Lock{f, path}, nil
}

// Release releases the lock and removes the mark. It may be called once. On a nil Lock it
// does nothing.
func (l *Lock) Release() {
	if l == nil {
		return
	}
	removeHeld(l.f, l.path)
}

// Of returns the state of a directory.
func Of(dir string) State { return state(filepath.Join(dir, file)) }

// holder reads the ID of the process that holds a lock; 0 if it can't be read.
func holder(path string) int {
	f, err := os.Open(path)
	if err != nil {
		return 0
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, 32))
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil || pid < 0 {
		return 0
	}
	return pid
}

var errLocked = errors.New("locked")

// Sweep removes the directories that match a pattern of filepath.Glob and are Orphaned,
// and returns their paths. Directories without a mark stay, and so do those of other users.
func Sweep(pattern string) (removed []string) {
	dirs, err := filepath.Glob(pattern)
	if err != nil {
		return nil
	}
	for _, dir := range dirs {
		if info, err := os.Lstat(dir); err != nil || !info.IsDir() || privatedir.Check(dir) != nil || Of(dir) != Orphaned {
			continue
		}
		if os.RemoveAll(dir) == nil {
			removed = append(removed, dir)
		}
	}
	return removed
}
