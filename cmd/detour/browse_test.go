//go:build unix

package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"detour/internal/browser"
)

// A fakeBrowser is a program that, as browsers do, is open once for a profile and
// takes further pages; it writes each page that it shows into dir, after its own
// process id and profile.
type fakeBrowser struct {
	t      *testing.T
	dir    string
	window *window
	stop   func()
}

func newFakeBrowser(t *testing.T, profile string) *fakeBrowser {
	t.Helper()
	f := &fakeBrowser{t: t, dir: t.TempDir()}
	t.Setenv("TMPDIR", t.TempDir())
	program := filepath.Join(f.dir, "fake")
	script := `#!/bin/sh
for a in "$@"; do case $a in --user-data-dir=*) dir=${a#*=};; esac; page=$a; done
lock=$dir/lock
while :; do
	if ln -s $$ "$lock"; then
		trap 'rm "$lock"; exit 0' TERM
		echo "$$ $dir $page" >> ` + f.dir + `/shown
		while :; do sleep 0.01; done
	fi
	pid=$(readlink "$lock") || continue
	if kill -0 $pid; then
		echo "$pid $dir $page" >> ` + f.dir + `/shown
		exit 0
	fi
	rm "$lock"
done 2>/dev/null
`
	if err := os.WriteFile(program, []byte(script), 0o700); err != nil { //nolint:gosec // a program has to be executable
		t.Fatal(err)
	}
	s := &session{opt: &runOptions{}, log: slog.New(slog.DiscardHandler), stderr: &bytes.Buffer{}, said: &atomic.Pointer[string]{}, headNews: &atomic.Uint64{}}
	s.opt.ui = "tui"
	f.window = newWindow(s, browser.Options{Path: program, ProxyURL: "http://127.0.0.1:1", ProfileDir: profile, URL: "https://first.test/"})
	s.window = f.window
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		f.window.tend(ctx)
	}()
	f.stop = func() {
		cancel()
		<-ended
	}
	t.Cleanup(f.stop)
	return f
}

// shown waits until a browser that runs has shown a page last, and returns which:
// process id and profile.
func (f *fakeBrowser) shown(page string) (pid int, profile string) {
	f.t.Helper()
	var last []string
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		b, _ := os.ReadFile(filepath.Join(f.dir, "shown"))
		lines := strings.Split(strings.TrimSpace(string(b)), "\n")
		if last = strings.Fields(lines[len(lines)-1]); len(last) != 3 || last[2] != page {
			continue
		}
		if pid, err := strconv.Atoi(last[0]); err == nil && syscall.Kill(pid, 0) == nil {
			return pid, last[1]
		}
	}
	f.t.Fatalf("%s isn't shown, but %q", page, last)
	return 0, ""
}

// opens opens a page, and checks whether a browser was started for it.
func (f *fakeBrowser) opens(page string, started bool) {
	f.t.Helper()
	got, err := f.window.open(f.t.Context(), page)
	if err != nil || got != started {
		f.t.Errorf("%s: started %v (%v), want %v", page, got, err, started)
	}
}

// closes closes the browser as a person does, and waits until that is known.
func (f *fakeBrowser) closes(pid int) {
	f.t.Helper()
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
		f.t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); len(f.window.session.windowFacts()) == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			f.t.Fatal("nobody knows that it is closed")
		}
	}
}

func TestWindow_theBrowserThatIsOpenShowsThePageAndAClosedOneIsStartedAgain(t *testing.T) {
	f := newFakeBrowser(t, "")
	pid, profile := f.shown("https://first.test/")
	f.opens("https://second.test/", false)
	if p, dir := f.shown("https://second.test/"); p != pid || dir != profile {
		t.Errorf("shown by %d in %s, not by %d in %s", p, dir, pid, profile)
	}
	f.closes(pid)
	if news := f.window.session.headNews.Load(); news == 0 {
		t.Error("an idle table doesn't draw it")
	}
	if facts := f.window.session.windowFacts(); facts[0].Value != "closed; b opens it again" {
		t.Errorf("the head says %v", facts)
	}
	if _, err := os.Stat(profile); err == nil {
		t.Error("a thrown-away profile stays")
	}
	f.opens("https://third.test/", true)
	if p, dir := f.shown("https://third.test/"); p == pid || dir == profile {
		t.Errorf("the same browser: %d in %s", p, dir)
	}
	if facts := f.window.session.windowFacts(); facts != nil {
		t.Errorf("the head says %v of an open browser", facts)
	}
}

func TestWindow_aKeptProfileIsTakenAgain(t *testing.T) {
	kept := filepath.Join(t.TempDir(), "kept")
	f := newFakeBrowser(t, kept)
	pid, _ := f.shown("https://first.test/")
	f.closes(pid)
	f.opens("https://second.test/", true)
	if _, dir := f.shown("https://second.test/"); dir != kept {
		t.Errorf("the profile is %s", dir)
	}
}

// TestWindow_aPageThatIsAskedForWhileTheBrowserClosesIsShown by the one that is closing
// or by the next one.
func TestWindow_aPageThatIsAskedForWhileTheBrowserClosesIsShown(t *testing.T) {
	f := newFakeBrowser(t, filepath.Join(t.TempDir(), "kept"))
	pid, _ := f.shown("https://first.test/")
	for n := range 20 {
		closed, page := pid, fmt.Sprintf("https://page-%d.test/", n)
		if err := syscall.Kill(closed, syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		for started := false; !started; {
			var err error
			if started, err = f.window.open(t.Context(), page); err != nil {
				t.Fatal(err)
			}
		}
		if syscall.Kill(closed, 0) == nil {
			t.Error("a browser was started before the other one had ended")
		}
		pid, _ = f.shown(page)
	}
}

func TestWindow_theEndOfTheRunClosesWhatItStarted(t *testing.T) {
	f := newFakeBrowser(t, "")
	pid, _ := f.shown("https://first.test/")
	f.closes(pid)
	f.opens("https://second.test/", true)
	pid, profile := f.shown("https://second.test/")
	f.stop()
	if err := syscall.Kill(pid, 0); err == nil {
		t.Error("the browser goes on")
	}
	if _, err := os.Stat(profile); err == nil {
		t.Error("its profile stays")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := f.window.open(ctx, "https://third.test/"); err == nil {
		t.Error("a page is opened after the end")
	}
}

func TestWindow_aBrowserThatCannotBeStartedSaysSo(t *testing.T) {
	f := newFakeBrowser(t, "")
	pid, _ := f.shown("https://first.test/")
	f.closes(pid)
	if err := os.Remove(filepath.Join(f.dir, "fake")); err != nil {
		t.Fatal(err)
	}
	if started, err := f.window.open(t.Context(), "https://second.test/"); err == nil || started {
		t.Errorf("started %v, %v", started, err)
	}
}
