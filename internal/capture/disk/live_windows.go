package disk

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// markAt is the byte of a log that is locked, far behind its end: locks are mandatory here.
const markAt = 1 << 30

func lockLog(log *os.File) bool { return lockByte(log, windows.LOCKFILE_EXCLUSIVE_LOCK) == nil }

// isMarked reports whether a process has locked a log.
func isMarked(path string) bool {
	log, err := os.Open(path)
	if err != nil {
		return false
	}
	defer log.Close() // releases the lock
	return errors.Is(lockByte(log, 0), windows.ERROR_LOCK_VIOLATION)
}

func lockByte(log *os.File, how uint32) error {
	at := windows.Overlapped{OffsetHigh: markAt}
	return windows.LockFileEx(windows.Handle(log.Fd()), how|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &at)
}
