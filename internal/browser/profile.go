package browser

import (
	"os"
	"runtime"
	"time"
)

// A profile is a directory with a browser's state.
type profile struct {
	dir       string
	throwaway bool // removed at the end
}

// newProfile makes dir, for its owner only, or a throwaway if dir is "".
func newProfile(dir string) (profile, error) {
	if dir != "" {
		return profile{dir: dir}, os.MkdirAll(dir, 0o700)
	}
	dir, err := os.MkdirTemp("", "detour-profile-") // mode 0700
	return profile{dir: dir, throwaway: true}, err
}

// environment is the browser's; nil: ours. Chromium on Linux makes a directory in
// TMPDIR for the socket by which one profile has one browser, and leaves it there.
// In a throwaway profile it goes with the profile, unless the socket's path, of
// which 46 bytes follow, would get longer than the 107 that the kernel takes.
func (p profile) environment() []string {
	if !p.throwaway || runtime.GOOS != "linux" || len(p.dir) > 107-46 {
		return nil
	}
	return append(os.Environ(), "TMPDIR="+p.dir)
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
