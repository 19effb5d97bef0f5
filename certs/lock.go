package certs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

const (
	lockWait  = 5 * time.Second
	lockStale = time.Minute // its owner died: making a chain takes milliseconds
)

// lock keeps two programs that start at once from making two chains in one
// directory. A file that must not exist yet works on every system.
func lock(dir string) (unlock func(), err error) {
	path := filepath.Join(dir, ".lock")
	for deadline := time.Now().Add(lockWait); ; {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err == nil {
			_ = f.Close()
			return func() { _ = os.Remove(path) }, nil
		}
		if !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
		if info, err := os.Stat(path); err == nil && time.Since(info.ModTime()) > lockStale {
			_ = os.Remove(path)
			continue
		}
		if time.Now().After(deadline) {
			return nil, fmt.Errorf("%s is held by another detour; remove it if none runs", path)
		}
		time.Sleep(10 * time.Millisecond)
	}
}
