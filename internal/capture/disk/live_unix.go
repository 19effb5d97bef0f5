//go:build unix

package disk

import (
	"errors"
	"os"
	"syscall"
)

// lockLog locks a log. SQLite has no lock on this file; its own are on the database and on the
// -shm file (sqlite.org/wal.html), so that neither disturbs the other.
func lockLog(log *os.File) bool {
	return syscall.Flock(int(log.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil //nolint:gosec // a descriptor is a small number
}

// isMarked reports whether a process has locked a log. It asks for a shared lock, so that two
// readers don't see each other.
func isMarked(path string) bool {
	log, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return false
	}
	defer log.Close()
	return errors.Is(syscall.Flock(int(log.Fd()), syscall.LOCK_SH|syscall.LOCK_NB), syscall.EWOULDBLOCK) //nolint:gosec // as above
}
