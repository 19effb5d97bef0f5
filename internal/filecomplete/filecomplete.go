// Package filecomplete completes the name of a capture or a HAR while a person types it:
// the newest captures first, then the files of a directory.
package filecomplete

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"detour/internal/filter"
)

// The limits of a completion, which is made while a person types.
const (
	maxListed = 2000 // names that are read of a directory
	maxRecent = 5    // captures that are offered
)

// A Completer completes names of captures and HARs. Its methods may be called concurrently.
type Completer struct {
	Captures string // the directory of captures that detour names; "": none
	Without  string // the capture that isn't offered; "": all are
}

// Files completes a name: the newest captures first, unless the name has a directory, then
// the files of its directory.
func (o Completer) Files(text string) filter.Completion {
	dir, begun := filepath.Split(text)
	c := filter.Completion{From: len(dir)}
	if dir == "" {
		c.Candidates = o.recent(begun)
	}
	for _, e := range listed(cmp.Or(FromHome(dir), ".")) {
		name := e.Name()
		if !strings.HasPrefix(name, begun) || strings.HasPrefix(name, ".") && begun == "" {
			continue
		}
		switch {
		case isDir(filepath.Join(FromHome(dir), name), e):
			c.Candidates = append(c.Candidates, filter.Candidate{Text: name + string(filepath.Separator)})
		case readable(name):
			c.Candidates = append(c.Candidates, filter.Candidate{Text: name})
		}
	}
	return c
}

// readable reports whether a file has the name of a capture, a HAR or JSON Lines, of one that is
// compressed, or of an archive.
func readable(name string) bool {
	name = strings.ToLower(name)
	for _, packed := range []string{".gz", ".bz2"} {
		name = strings.TrimSuffix(name, packed)
	}
	return slices.Contains([]string{".detour", ".har", ".json", ".jsonl", ".zip"}, filepath.Ext(name))
}

// recent are the newest captures whose names have this prefix.
func (o Completer) recent(begun string) []filter.Candidate {
	type file struct {
		name string
		at   time.Time
	}
	var all []file
	own, _ := os.Stat(o.Without) // nil: none
	for _, e := range listed(o.Captures) {
		name := filepath.Join(o.Captures, e.Name())
		if filepath.Ext(name) != ".detour" || !strings.HasPrefix(e.Name(), begun) {
			continue
		}
		if info, err := os.Lstat(filepath.Join(o.Captures, e.Name())); err == nil && !os.SameFile(own, info) {
			all = append(all, file{name, info.ModTime()})
		}
	}
	slices.SortFunc(all, func(a, b file) int { return b.at.Compare(a.at) })
	var out []filter.Candidate
	for _, f := range all[:min(len(all), maxRecent)] {
		out = append(out, filter.Candidate{Text: toHome(f.name), Doc: "a capture of " + f.at.Format("2006-01-02 15:04")})
	}
	return out
}

// listed are the first names of a directory, sorted; none if it can't be read.
func listed(dir string) []os.DirEntry {
	f, err := os.Open(dir)
	if err != nil {
		return nil
	}
	defer f.Close()
	all, _ := f.ReadDir(maxListed) // the names before an error count
	slices.SortFunc(all, func(a, b os.DirEntry) int { return cmp.Compare(a.Name(), b.Name()) })
	return all
}

// isDir reports whether an entry is a directory, or a link to one.
func isDir(path string, e os.DirEntry) bool {
	if e.Type()&os.ModeSymlink == 0 {
		return e.IsDir()
	}
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// FromHome replaces the ~ that a path begins with.
func FromHome(path string) string {
	home, err := os.UserHomeDir()
	if rest, ok := strings.CutPrefix(path, "~"+string(filepath.Separator)); ok && err == nil {
		return filepath.Join(home, rest)
	}
	return path
}

// toHome is the short form of a path, with ~, which doesn't contain the user's name either.
func toHome(path string) string {
	home, err := os.UserHomeDir()
	if rest, ok := strings.CutPrefix(path, home+string(filepath.Separator)); ok && err == nil {
		return filepath.Join("~", rest)
	}
	return path
}
