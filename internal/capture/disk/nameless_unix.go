//go:build unix

package disk

import (
	"os"
	"syscall"
)

// nameless reports whether a file was removed while it was open.
func nameless(f *os.File) bool {
	info, err := f.Stat()
	if err != nil {
		return false
	}
	s, ok := info.Sys().(*syscall.Stat_t)
	return ok && s.Nlink == 0
}
