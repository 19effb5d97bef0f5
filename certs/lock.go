package certs

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// lockWait is ample: making a chain takes milliseconds.
const lockWait = 5 * time.Second

// errLocked is what tryLock returns while somebody else has the lock.
var errLocked = errors.New("locked")

// lock keeps two programs that start at once from making two chains in one
// directory. The lock is the system's own, so it ends with whoever holds it; the
// file stays, because removing it could pull it from under somebody who waits.
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
