package browser

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"detour/internal/confined"
	"detour/internal/lease"
)

// A profile is a directory with a browser's state.
type profile struct {
	dir       string
	throwaway bool         // removed at the end
	confined  bool         // the browser is a snap or a flatpak, with a TMPDIR of its own
	lease     *lease.Lease // ours while the browser runs; nil: none
}

// throwaways is what profiles are called that are removed at the end, before what
// tells them apart.
const throwaways = "detour-profile-"

// newProfile makes kept, for its owner only, or a throwaway if kept is "". It is ours
// until end.
func newProfile(program, kept string) (p profile, err error) {
	parent := ""
	if app, ok := confined.Of(program); ok {
		home, err := os.UserHomeDir()
		if err != nil {
			return p, fmt.Errorf("a %s can use one in its user's home only: %w", app.Kind, err)
		}
		p.confined, parent = true, filepath.Join(home, filepath.FromSlash(app.Home()))
		if kept != "" {
			kept = filepath.Join(parent, "detour-profiles", filepath.Base(kept))
		} else if err := os.MkdirAll(parent, 0o700); err != nil {
			return p, err
		}
	}
	if kept != "" {
		p.dir, err = kept, os.MkdirAll(kept, 0o700)
	} else {
		p.throwaway = true
		p.dir, err = os.MkdirTemp(parent, throwaways) // mode 0700
	}
	if err != nil {
		return p, err
	}
	p.lease, err = lease.Take(p.dir)
	var held *lease.HeldError
	if errors.As(err, &held) {
		return p, fmt.Errorf("%w: %w", ErrInUse, held)
	}
	if err != nil {
		p.remove()
	}
	return p, err
}

// Sweep removes throwaways of runs that were killed.
func Sweep() {
	patterns := []string{filepath.Join(os.TempDir(), throwaways+"*")}
	if home, err := os.UserHomeDir(); err == nil {
		for _, kind := range []string{confined.Snap, confined.Flatpak} {
			any := confined.App{Kind: kind, Name: "*"}
			patterns = append(patterns, filepath.Join(home, filepath.FromSlash(any.Home()), throwaways+"*"))
		}
	}
	for _, p := range patterns {
		lease.Sweep(p)
	}
}

// environment is the browser's; nil: ours. Chromium on Linux makes a directory in
// TMPDIR for the socket by which one profile has one browser, and leaves it there.
// In a throwaway profile it goes with the profile, unless the socket's path, of
// which 46 bytes follow, would get longer than the 107 that the kernel takes.
func (p profile) environment() []string {
	if !p.throwaway || p.confined || runtime.GOOS != "linux" || len(p.dir) > 107-46 {
		return nil
	}
	return append(os.Environ(), "TMPDIR="+p.dir)
}

// discarded is the directory of a throwaway, "" of a profile that is kept.
func (p profile) discarded() string {
	if !p.throwaway {
		return ""
	}
	return p.dir
}

// end gives a profile up, and removes a throwaway.
func (p profile) end() {
	p.lease.Release()
	p.remove()
}

// remove removes a throwaway. Processes that were killed a moment ago may still
// finish a write in it, or on Windows hold files open, so it may take some tries.
func (p profile) remove() {
	if !p.throwaway {
		return
	}
	for deadline := time.Now().Add(closeGrace); ; time.Sleep(10 * time.Millisecond) {
		if err := os.RemoveAll(p.dir); err == nil || time.Now().After(deadline) {
			return
		}
	}
}
