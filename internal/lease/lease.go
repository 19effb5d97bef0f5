// Package lease marks a directory as in use by a process for as long as that process
// lives: the system takes the mark back when it ends, however it ends. Neither a
// process id, which may be another's by now, nor an age tells that.
package lease

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// file is the mark, below the directory. It has the process's id, for people.
const file = "detour-lease"

// A State is what a directory's mark says.
type State int

// States of a directory.
const (
	Unknown  State = iota // there is no mark, or it can't be read
	Held                  // somebody uses it
	Orphaned              // somebody used it who was killed
)

// A HeldError says that another lease holds the directory.
type HeldError struct{ PID int } // 0: unknown

// Error implements error.
func (e *HeldError) Error() string {
	if e.PID == 0 {
		return "it is in use by another process"
	}
	return "it is in use by process " + strconv.Itoa(e.PID)
}

// A Lease is held until Release, or the end of the process.
type Lease struct {
	f    *os.File
	path string
}

// Take takes the lease of a directory, which has to be there. It fails with a
// HeldError if it is held, be it by this process.
func Take(dir string) (*Lease, error) {
	path := filepath.Join(dir, file)
	f, err := lock(path)
	if errors.Is(err, errLocked) {
		return nil, &HeldError{holder(path)}
	}
	if err != nil {
		return nil, err
	}
	if err := f.Truncate(0); err == nil {
		_, _ = f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0) // it is for people
	}
	return &Lease{f, path}, nil
}

// Release gives the directory back, without a mark. It may be called once. A nil
// Lease has nothing to give back.
func (l *Lease) Release() {
	if l == nil {
		return
	}
	removeHeld(l.f, l.path)
}

// Of is the state of a directory.
func Of(dir string) State { return state(filepath.Join(dir, file)) }

// holder reads the id of the process that holds a lease; 0 if that isn't told.
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

// Sweep removes the directories that a pattern of filepath.Glob names whose users
// were killed. Those that nobody marked aren't known to be anybody's and stay.
func Sweep(pattern string) (removed []string) {
	dirs, err := filepath.Glob(pattern)
	if err != nil {
		return nil
	}
	for _, dir := range dirs {
		if info, err := os.Lstat(dir); err != nil || !info.IsDir() || Of(dir) != Orphaned {
			continue
		}
		if os.RemoveAll(dir) == nil {
			removed = append(removed, dir)
		}
	}
	return removed
}
