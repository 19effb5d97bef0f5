package certs

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// lockWait is ample: creating a chain takes milliseconds.
const lockWait = 5 * time.Second

// errLocked is tryLock's error while another process holds the lock.
var errLocked = errors.New("held by another process")

// lock keeps two processes that start at the same time from creating two chains
// in one directory. It is an advisory lock of the operating system, released when
// the process ends. The file stays: a waiting process may have it open.
func lock(dir string) (unlock func(), err error) {
	path := filepath.Join(dir, ".lock")
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	for deadline := time.Now().Add(lockWait); ; time.Sleep(10 * time.Millisecond) {
		err := tryLock(f)
		if err == nil {
			return func() { _ = f.Close() }, nil // closing unlocks
		}
		if !errors.Is(err, errLocked) || time.Now().After(deadline) {
			_ = f.Close()
			return nil, fmt.Errorf("lock %s: %w", path, err)
		}
	}
}
