package gather

import (
	"os"
	"path/filepath"

	"detour/internal/usererr"
)

// CheckNew returns why a run can't create the file that a flag names: it is there
// already, or its directory isn't, or can't be written to. The error is a
// [usererr.Error].
func CheckNew(flag, path string) error {
	if _, err := os.Lstat(path); err == nil {
		return usererr.Flagf(flag, "a capture never overwrites a file: choose another name, or move the file away",
			"--%s %s already exists", flag, path)
	}
	return hasPlace(flag, path)
}

// CheckAppend returns why a run can't write to the end of the file that a flag names,
// which may not be there yet. The error is a [usererr.Error].
func CheckAppend(flag, path string) error {
	if _, err := os.Lstat(path); err != nil {
		return hasPlace(flag, path)
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return usererr.Flagf(flag, "choose another file", "--%s: %w", flag, err)
	}
	return f.Close()
}

// hasPlace refuses a file whose directory isn't there or can't be written to.
func hasPlace(flag, path string) error {
	dir := filepath.Dir(path)
	if _, err := os.Stat(dir); err != nil {
		return usererr.Flagf(flag, "create the directory, or choose another one", "--%s: %w", flag, err)
	}
	if why := notWritable(dir); why != "" {
		return usererr.Flagf(flag, "choose another path", "--%s %s: %s", flag, path, why)
	}
	return nil
}
