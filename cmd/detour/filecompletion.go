package main

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"detour/internal/filter"
)

// Bounds of what is offered: it is looked for while a person types.
const (
	maxListed = 2000 // names of a directory that are looked at
	maxRecent = 5    // captures
)

// An offering is of the names of files that can be read.
type offering struct {
	captures string // the directory of those that detour names itself
	without  string // isn't offered of them; "": all are
}

// files offers what a name may become: the newest captures first, unless it is in a
// directory, then what is in its directory.
func (o offering) files(text string) filter.Completion {
	dir, begun := filepath.Split(text)
	c := filter.Completion{From: len(dir)}
	if dir == "" {
		c.Candidates = o.recent(begun)
	}
	for _, e := range listed(cmp.Or(fromHome(dir), ".")) {
		name := e.Name()
		if !strings.HasPrefix(name, begun) || strings.HasPrefix(name, ".") && begun == "" {
			continue
		}
		switch {
		case isDir(filepath.Join(fromHome(dir), name), e):
			c.Candidates = append(c.Candidates, filter.Candidate{Text: name + string(filepath.Separator)})
		case slices.Contains([]string{".detour", ".har", ".json", ".jsonl"}, strings.ToLower(filepath.Ext(name))):
			c.Candidates = append(c.Candidates, filter.Candidate{Text: name})
		}
	}
	return c
}

// recent are the newest captures whose names begin so.
func (o offering) recent(begun string) []filter.Candidate {
	type file struct {
		name string
		at   time.Time
	}
	var all []file
	own, _ := os.Stat(o.without) // nil: none
	for _, e := range listed(o.captures) {
		name := filepath.Join(o.captures, e.Name())
		if filepath.Ext(name) != ".detour" || !strings.HasPrefix(e.Name(), begun) {
			continue
		}
		if info, err := e.Info(); err == nil && !os.SameFile(own, info) {
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
	all, _ := f.ReadDir(maxListed) // what came before an error counts
	slices.SortFunc(all, func(a, b os.DirEntry) int { return cmp.Compare(a.Name(), b.Name()) })
	return all
}

// isDir follows a link.
func isDir(path string, e os.DirEntry) bool {
	if e.Type()&os.ModeSymlink == 0 {
		return e.IsDir()
	}
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// fromHome is a path that a person began with ~ as the system takes it.
func fromHome(path string) string {
	home, err := os.UserHomeDir()
	if rest, ok := strings.CutPrefix(path, "~"+string(filepath.Separator)); ok && err == nil {
		return filepath.Join(home, rest)
	}
	return path
}

// toHome is the short form of a path, which doesn't name the user either.
func toHome(path string) string {
	home, err := os.UserHomeDir()
	if rest, ok := strings.CutPrefix(path, home+string(filepath.Separator)); ok && err == nil {
		return filepath.Join("~", rest)
	}
	return path
}
