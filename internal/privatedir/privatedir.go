// Package privatedir creates and checks directories that must be their user's alone: those
// with private keys, captures, browser profiles and the list of runs. Whoever else owns
// such a directory, or can write to it, could replace what is in it.
package privatedir

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"detour/internal/usererr"
)

// Make creates a directory, and its parents, for its owner only, or checks the one that
// exists. The error is one of [Check], or the system's.
func Make(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return Check(dir)
	}
	if err := checkParent(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	OwnerOnly(dir)
	return Check(dir) // somebody may have been faster
}

// Check returns a [usererr.Error] if a directory, or a file in one, belongs to another user,
// root included, or if others can write to it; as far as the system tells. If there is none,
// the error wraps [fs.ErrNotExist].
func Check(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if other := ownerOf(path, info); other != nil {
		return other.refused(path)
	}
	if mode := info.Mode().Perm(); hasModes && mode&0o022 != 0 {
		private := "700"
		if !info.IsDir() {
			private = "600"
		}
		return usererr.Failf("make it yours alone: chmod "+private+" "+path, "other users can write to %s (mode %04o)", path, mode)
	}
	return nil
}

// checkParent checks the first parent that exists before anything is created in it: as root
// in another user's home, it would be in that user's way, and they could replace it.
func checkParent(dir string) error {
	for parent := filepath.Dir(dir); ; parent = filepath.Dir(parent) {
		info, err := os.Stat(parent)
		switch {
		case errors.Is(err, fs.ErrNotExist) && parent != filepath.Dir(parent):
			continue
		case err != nil:
			return nil //nolint:nilerr // creating the directory fails, too, and says what was tried
		case info.Mode()&fs.ModeSticky != 0: // as /tmp, in which only the owner replaces a directory
			return nil
		}
		if other := ownerOf(parent, info); other != nil && !other.trusted {
			return other.refused(parent)
		}
		return nil
	}
}

// An owner is another user than this process's.
type owner struct {
	name    string // "alice", "user 1001"
	we      string // this process's user
	trusted bool   // it can do everything anyway, as root can
}

func (o *owner) refused(dir string) error {
	return usererr.Failf(
		fmt.Sprintf("run detour as %s (sudo keeps HOME on some systems), choose another directory, or make %s yours", o.name, dir),
		"%s belongs to %s, and detour runs as %s", dir, o.name, o.we)
}
