package browser

import (
	"os"
	"path/filepath"

	"detour/internal/errno"
)

// heldAlone reports whether a browser has a profile open: Chromium and Firefox keep a file in it
// open that nobody else may open meanwhile. The file doesn't say which process that is.
func heldAlone(profile string) bool {
	for _, name := range []string{"lockfile", "parent.lock"} {
		f, err := os.Open(filepath.Join(profile, name))
		if err == nil {
			_ = f.Close()
		}
		if errno.IsOpenElsewhere(err) {
			return true
		}
	}
	return false
}
