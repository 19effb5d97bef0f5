package gather

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"detour/internal/doctor"
)

// captures counts the captures, and the bytes of their files and of SQLite's.
func (cfg Config) captures() doctor.Captures {
	c := doctor.Captures{Dir: cfg.CapturesDir, Err: cfg.notWritable(cfg.CapturesDir)}
	entries, _ := os.ReadDir(cfg.CapturesDir) // it may not exist yet
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() || !strings.Contains(e.Name(), ".detour") {
			continue
		}
		c.Bytes += info.Size()
		if strings.HasSuffix(e.Name(), ".detour") {
			c.Files++
		}
	}
	return c
}

// notWritable is notWritable for the state directory or one below it; "" is none.
func (cfg Config) notWritable(dir string) string {
	if dir == "" {
		return cfg.NoState
	}
	return notWritable(dir)
}

// notWritable is why nothing can be created in a directory; "": it can. If the directory
// doesn't exist, the next one above it is tried, and named.
func notWritable(dir string) string {
	at := existing(dir)
	probe, err := os.MkdirTemp(at, ".detour-doctor-")
	if err == nil {
		_ = os.Remove(probe)
		return ""
	}
	why := err.Error()
	if pe := (*fs.PathError)(nil); errors.As(err, &pe) {
		why = pe.Err.Error() // its path is the temporary directory's
	}
	if at != dir {
		why += " (" + at + ")"
	}
	return why
}

// existing is a path, or the next one above it that exists.
func existing(path string) string {
	for {
		above := filepath.Dir(path)
		if _, err := os.Stat(path); err == nil || path == above {
			return path
		}
		path = above
	}
}

func isDirectory(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}
