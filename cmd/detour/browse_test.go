//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"detour/certs"
	"detour/internal/browser"
	"detour/internal/capture"
	"detour/internal/decrypt"
	"detour/internal/flow"
	"detour/internal/intake"
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
	f.window = newTestWindow(t, "tui", browser.Options{Path: program, ProfileDir: profile, URL: "https://first.test/"})
	f.window.soon = 0 // a test has no time to look at a page
	f.stop = tended(t, f.window)
	return f
}

// newTestWindow is the window of a session of which there is nothing else.
func newTestWindow(t *testing.T, shown string, opt browser.Options) *window {
	t.Helper()
	ca, err := certs.Ephemeral([]string{"amazonaws.com"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	s := &session{
		store: capture.New(capture.Options{}), intake: intake.New(intake.Config{}),
		opt: &runOptions{ui: shown}, log: slog.New(slog.DiscardHandler), stderr: &heard{}, listen: l, decrypt: &decrypt.Policy{CAs: []*certs.CA{ca}},
		said: &atomic.Pointer[string]{}, headNews: &atomic.Uint64{},
	}
	opt.ProxyURL = s.url()
	s.window = newWindow(s, opt)
	return s.window
}

// tended starts a window; stop ends it.
func tended(t *testing.T, w *window) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		w.tend(ctx)
	}()
	stop = func() {
		cancel()
		<-ended
	}
	t.Cleanup(stop)
	return stop
}

// heard is what is written, by whomever.
type heard struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (x *heard) Write(b []byte) (int, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.b.Write(b)
}

func (x *heard) String() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.b.String()
}

// wait polls until ok.
func wait(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s didn't come", what)
		}
	}
}

// program is a stand-in for a browser, called so.
func program(t *testing.T, name, body string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+body+"\n"), 0o700); err != nil { //nolint:gosec // a program has to be executable
		t.Fatal(err)
	}
	return path
}

func TestWindow_aBrowserThatDiesAtOnceSaysWhyAndWhatToDo(t *testing.T) {
	t.Setenv("DISPLAY", "")
	t.Setenv("WAYLAND_DISPLAY", "")
	for _, tc := range []struct {
		name, body, kept string
		says, advises    string
	}{
		{"in silence", "exit 1", "", "exit status 1", "--browser takes another one"},
		{"with a word", `printf 'The \033[31mscreen\n' >&2; exit 1`, "", "The \uFFFD[31mscreen", "ca.pem, which ends with this run"},
		{"handing its page over", "echo Opening in existing browser session.", "kept", "Opening in existing browser session", "another browser may have the profile open"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if tc.kept != "" {
				tc.kept = filepath.Join(t.TempDir(), tc.kept)
			}
			w := newTestWindow(t, "tui", browser.Options{Path: program(t, "bad", tc.body), ProfileDir: tc.kept})
			tended(t, w)
			wait(t, "a word", func() bool { return w.session.windowFacts() != nil })
			facts, hint := w.session.windowFacts(), strings.Join(w.session.hintNow(), "\n")
			if facts[0].Value != "ended; b starts it again" || !strings.HasPrefix(facts[1].Value, "after ") {
				t.Errorf("the head says %q", facts)
			}
			if !strings.Contains(hint, tc.says) || !strings.Contains(hint, tc.advises) || !strings.Contains(hint, w.session.url()) {
				t.Errorf("the table says\n%s", hint)
			}
			out := newTestWindow(t, "none", w.opt)
			tended(t, out)
			stderr := func() string { return out.session.stderr.(*heard).String() }
			wait(t, "a hint", func() bool { return strings.Contains(stderr(), "eval") })
			if s := stderr(); !strings.Contains(s, "detour: the browser ended after ") || !strings.Contains(s, tc.says) || !strings.Contains(s, "\nhint: ") || strings.Contains(s, "\x1b") {
				t.Errorf("stderr has\n%s", s)
			}
		})
	}
}

func TestWindow_autoTakesTheNextBrowserWhereOneCannotBeUsed(t *testing.T) {
	for name, first := range map[string]string{
		"it ends with an error": program(t, "bad", "echo no good >&2; exit 1"),
		"it can't be started":   filepath.Join(t.TempDir(), "absent"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("TMPDIR", t.TempDir())
			file := filepath.Join(t.TempDir(), "started")
			w := newTestWindow(t, "tui", browser.Options{Path: first})
			w.others = []string{program(t, "good", "echo > "+file+"; exec sleep 60")}
			tended(t, w)
			wait(t, "the next browser", func() bool { _, err := os.Stat(file); return err == nil })
			wait(t, "word of it", func() bool {
				said := w.session.said.Load()
				return said != nil && strings.Contains(*said, "; good is started instead")
			})
		})
	}
}

func TestWindow_wherePlaceForAProfileIsMissingTheStepsByHandAreShown(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	w := newTestWindow(t, "tui", browser.Options{Path: program(t, "good", "exec sleep 60"), ProfileDir: filepath.Join(file, "work")})
	tended(t, w)
	wait(t, "a word", func() bool { return w.session.windowFacts() != nil })
	hint := strings.Join(w.session.hintNow(), "\n")
	for _, want := range []string{"browser profile: mkdir", "not started; b tries again", "without --profile", w.session.url() + "/ca.pem"} {
		if !strings.Contains(hint, want) {
			t.Errorf("%q isn't in\n%s", want, hint)
		}
	}
}

func TestWindow_aBrowserThatIsClosedLaterIsJustClosed(t *testing.T) {
	w := newTestWindow(t, "tui", browser.Options{})
	w.after(t.Context(), browser.Ending{After: time.Minute, Words: "noise"})
	if facts, hint := w.session.windowFacts(), w.session.hintNow(); facts[0].Value != "closed; b opens it again" || hint != nil {
		t.Errorf("%v, %v", facts, hint)
	}
	w.after(t.Context(), browser.Ending{After: 61 * time.Second, Err: errors.New("signal: segmentation fault")})
	if facts, hint := w.session.windowFacts(), w.session.hintNow(); facts[0].Value != "ended; b starts it again" || facts[1].Value != "after 1m1s: signal: segmentation fau…" || hint != nil {
		t.Errorf("%v, %v", facts, hint)
	}
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

// TestWindow_aBrowserThatHasAskedForSomethingIsJustClosed, however soon: a person may
// have seen enough.
func TestWindow_aBrowserThatHasAskedForSomethingIsJustClosed(t *testing.T) {
	w := newTestWindow(t, "tui", browser.Options{})
	w.before = w.session.store.Version()
	w.session.store.Put(flow.Flow{ID: 1, Rev: 1})
	w.after(t.Context(), browser.Ending{After: time.Millisecond})
	if s := w.state.Load(); s == nil || s.fact != "closed; b opens it again" || s.advice != nil {
		t.Errorf("it is said to be %+v", s)
	}
}
