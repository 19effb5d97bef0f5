package browser

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"detour/internal/dirlock"
	"detour/internal/privatedir"
	"detour/internal/sandbox"
)

// A profile is a directory with a browser's state.
type profile struct {
	dir       string
	temporary bool          // removed at the end
	confined  bool          // the browser is a snap or a flatpak, with its own TMPDIR
	lock      *dirlock.Lock // ours while the browser runs; nil: none
	home      privateHome   // of a browser that trusts through it
}

// temporaryPrefix begins the name of a temporary profile's directory.
const temporaryPrefix = "detour-profile-"

// newProfile creates the profile kept, for its owner only, or a temporary one if kept is
// "". It is ours until end.
func newProfile(program, kept string) (p profile, err error) {
	parent := ""
	if app, ok := sandbox.Of(program); ok {
		home, err := os.UserHomeDir()
		if err != nil {
			return p, fmt.Errorf("a %s can only use a profile in the user's home directory: %w", app.Kind, err)
		}
		p.confined, parent = true, filepath.Join(home, filepath.FromSlash(app.Home()))
		if kept != "" {
			kept = filepath.Join(parent, "detour-profiles", filepath.Base(kept))
		} else if err := os.MkdirAll(parent, 0o700); err != nil {
			return p, err
		}
	}
	if kept != "" {
		p.dir, err = kept, privatedir.Make(kept)
	} else {
		p.temporary = true
		p.dir, err = os.MkdirTemp(parent, temporaryPrefix) // mode 0700
	}
	if err != nil {
		return p, err
	}
	p.lock, err = dirlock.Take(p.dir)
	var held *dirlock.HeldError
	if errors.As(err, &held) {
		return p, fmt.Errorf("%w: %w", ErrInUse, held)
	}
	if err != nil {
		p.remove()
	}
	return p, err
}

// Sweep removes temporary profiles of runs that were killed.
func Sweep() {
	patterns := []string{filepath.Join(os.TempDir(), temporaryPrefix+"*")}
	if home, err := os.UserHomeDir(); err == nil {
		for _, kind := range []string{sandbox.Snap, sandbox.Flatpak} {
			any := sandbox.App{Kind: kind, Name: "*"}
			patterns = append(patterns, filepath.Join(home, filepath.FromSlash(any.Home()), temporaryPrefix+"*"))
		}
	}
	for _, p := range patterns {
		dirlock.Sweep(p)
	}
}

// environment is the browser's environment; nil: ours.
func (p profile) environment() []string {
	changes := p.home.environment()
	if p.ownsSocket() {
		changes = append(changes, "TMPDIR="+p.dir)
	}
	if changes == nil {
		return nil
	}
	return append(os.Environ(), changes...)
}

// ownsSocket reports whether the profile is the browser's TMPDIR. Chromium on Linux
// creates a directory there for the socket that keeps a profile to one browser, and leaves
// it there. In a temporary profile it is removed with the profile, unless the socket's
// path, 46 bytes longer, would exceed the kernel's limit of 107.
func (p profile) ownsSocket() bool {
	return p.temporary && !p.confined && runtime.GOOS == "linux" && len(p.dir) <= 107-46
}

// discarded is the directory to remove at the end: of a profile that is kept, only its
// private home, if it has one; "": nothing.
func (p profile) discarded() string {
	if !p.temporary {
		return p.home.dir
	}
	return p.dir
}

// end releases a profile, and removes a temporary one.
func (p profile) end() {
	p.home.remove()
	p.lock.Release()
	p.remove()
}

// remove removes a temporary profile. Processes that were just killed may still finish a
// write in it or, on Windows, hold files open, so it may take several attempts.
func (p profile) remove() {
	if !p.temporary {
		return
	}
	for deadline := time.Now().Add(closeGrace); ; time.Sleep(10 * time.Millisecond) {
		if err := os.RemoveAll(p.dir); err == nil || time.Now().After(deadline) {
			return
		}
	}
}
