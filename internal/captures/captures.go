// Package captures lists the captures of a directory, and removes those that its user no longer
// needs. It never removes one that a run is writing, a link, or a file that isn't a capture.
package captures

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"detour/internal/capture/disk"
	"detour/internal/flow"
)

// A State is what became of the run that wrote a capture.
type State string

// The states.
const (
	Live       State = "live"       // a run is writing it
	Ended      State = "ended"      // the run closed it
	Killed     State = "killed"     // the run didn't close it, and nothing writes it
	Damaged    State = "damaged"    // a part of it can't be read
	Unreadable State = "unreadable" // it can't be opened, or a newer detour wrote it
	Foreign    State = "foreign"    // it isn't a capture
)

// A Capture is what a file of the directory says of itself.
type Capture struct {
	Path       string
	Size       int64     // in bytes, with SQLite's files next to it
	Began      time.Time // of the run; zero if that isn't known
	Written    time.Time // when the file was changed last
	Last       time.Time // the last instant that it covers; zero if that isn't known
	State      State
	Flows      int
	Pending    int      // flows that had no end
	Problems   []string // titles of the findings that are problems, the first to act on first
	Notices    int      // other findings
	RawSecrets bool     // secrets are stored
	Strict     bool     // strict privacy
	Simulated  bool     // of the demo
	Why        string   // why it, or a part of it, can't be read

	id fs.FileInfo // the file that was read
}

// Lasted is how long the run was recorded; 0 if that isn't known.
func (c *Capture) Lasted() time.Duration {
	if c.Began.IsZero() || c.Last.Before(c.Began) {
		return 0
	}
	return c.Last.Sub(c.Began)
}

// When is when the run began, or else when the file was changed last.
func (c *Capture) When() time.Time {
	if c.Began.IsZero() {
		return c.Written
	}
	return c.Began
}

// beside are the ends of the names of the files that SQLite has next to a capture.
func beside() []string { return []string{"-wal", "-shm"} }

// List returns the captures of a directory, the newest first, and files that only look like
// one. It reads those that were written last, at most limit; 0: all. A directory that doesn't
// exist has none.
func List(ctx context.Context, dir string, limit int) ([]*Capture, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var all []*Capture
	for _, e := range entries {
		info, err := identified(filepath.Join(dir, e.Name()))
		if err != nil || !info.Mode().IsRegular() || filepath.Ext(e.Name()) != disk.Ext {
			continue // it was removed meanwhile, or is a link or a directory
		}
		all = append(all, found(filepath.Join(dir, e.Name()), info))
	}
	slices.SortFunc(all, func(a, b *Capture) int { return b.Written.Compare(a.Written) })
	if limit > 0 && len(all) > limit {
		all = all[:limit]
	}
	read(ctx, all)
	slices.SortStableFunc(all, func(a, b *Capture) int { return b.When().Compare(a.When()) })
	return all, ctx.Err()
}

// identified describes a file with what identifies it, which on Windows a directory's listing may
// lack, and which os otherwise reads when it is first compared: after the file was replaced.
func identified(path string) (fs.FileInfo, error) {
	info, err := os.Lstat(path)
	if err == nil {
		os.SameFile(info, info)
	}
	return info, err
}

// found is a file before it is read.
func found(path string, info fs.FileInfo) *Capture {
	c := &Capture{Path: path, Size: info.Size(), Written: info.ModTime(), id: info}
	for _, end := range beside() {
		if b, err := os.Lstat(path + end); err == nil && b.Mode().IsRegular() {
			c.Size += b.Size()
			if end == "-wal" && b.ModTime().After(c.Written) {
				c.Written = b.ModTime()
			}
		}
	}
	return c
}

// read reads captures, some at a time.
func read(ctx context.Context, all []*Capture) {
	work := make(chan *Capture)
	var workers sync.WaitGroup
	for range min(len(all), runtime.GOMAXPROCS(0)) {
		workers.Go(func() {
			for c := range work {
				c.read(ctx)
			}
		})
	}
	for _, c := range all {
		if ctx.Err() != nil {
			break
		}
		work <- c
	}
	close(work)
	workers.Wait()
}

// read asks the file.
func (c *Capture) read(ctx context.Context) {
	f, err := disk.Open(c.Path)
	if err != nil {
		c.State, c.Why = Unreadable, flow.Printable(reason(err).Error())
		switch {
		case errors.Is(err, disk.ErrNotCapture):
			c.State = Foreign
		case errors.Is(err, disk.ErrDamaged), errors.Is(err, disk.ErrNoLog):
			c.State = Damaged
		}
		return
	}
	defer f.Close()
	about, wrong := f.About(ctx)
	c.RawSecrets, c.Strict, c.Simulated = about.RawSecrets, about.Strict, about.Simulated()
	for i := range about.Findings {
		switch x := &about.Findings[i]; {
		case x.Level != flow.LevelProblem || x.Resolved:
			c.Notices++
		default:
			c.Problems = append(c.Problems, flow.Printable(x.Title))
		}
	}
	c.Began, c.Last = f.FirstInstant(ctx), f.LastInstant(ctx)
	var counted, pending error
	c.Flows, counted = f.Count(ctx, disk.Query{})
	c.Pending, pending = f.Count(ctx, disk.Query{Where: "NOT final"})
	switch wrong = errors.Join(wrong, counted, pending, f.Lacks()); {
	case f.Live():
		c.State = Live
	case wrong != nil:
		c.State, c.Why = Damaged, flow.Printable(strings.ReplaceAll(wrong.Error(), "\n", "; "))
	case f.Ended():
		c.State = Ended
	default:
		c.State = Killed
	}
}

// reason is the error of opening a capture without its path.
func reason(err error) error {
	if one := errors.Unwrap(err); one != nil {
		return one
	}
	return err
}
