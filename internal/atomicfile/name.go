package atomicfile

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
)

// CheckName returns why a path can't be that of a file of its own; nil if it can. On Windows, a
// colon in a name stands for a stream of the file before it, which no directory lists: a:b is
// written into a, and the renaming of a finished file fails or loses it.
func CheckName(path string) error {
	if runtime.GOOS != "windows" {
		return nil
	}
	return streamName(path[len(filepath.VolumeName(path)):])
}

// streamName is CheckName for a path without a drive, as on Windows.
func streamName(path string) error {
	if file, _, ok := strings.Cut(path, ":"); ok {
		return fmt.Errorf("on Windows, a colon in a name stands for a hidden part of the file %s", file)
	}
	return nil
}
