//go:build unix

package browser

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// A fakeBrowser is a program that, as browsers do, is open once for a profile and
// takes further pages; it writes each page that it shows into dir, after its own
// process id and profile.
type fakeBrowser struct {
	t      *testing.T
	dir    string
	keeper *Keeper
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
	f.keeper = newTestKeeper(Options{Path: program, ProfileDir: profile, URL: "https://first.test/"}).Keeper
	f.keeper.grace = 0 // a test has no time to look at a page
	f.stop = kept(t, f.keeper)
	return f
}

// A testKeeper is a Keeper with what it reports.
type testKeeper struct {
	*Keeper
	requests atomic.Uint64

	mu      sync.Mutex
	notices []string
	states  []State
}

func newTestKeeper(opt Options, others ...string) *testKeeper {
	opt.ProxyURL = "http://127.0.0.1:8080"
	k := &testKeeper{}
	k.Keeper = NewKeeper(KeeperConfig{
		Options: opt, Others: others, Requests: k.requests.Load,
		Notice: func(text string) {
			k.mu.Lock()
			defer k.mu.Unlock()
			k.notices = append(k.notices, text)
		},
		Changed: func(s State) {
			k.mu.Lock()
			defer k.mu.Unlock()
			k.states = append(k.states, s)
		},
	})
	return k
}

// reported are the notices and the states so far.
func (k *testKeeper) reported() (notices []string, states []State) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.notices), slices.Clone(k.states)
}

// kept runs a keeper; stop ends it.
func kept(t *testing.T, k *Keeper) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		k.Run(ctx)
	}()
	stop = func() {
		cancel()
		<-ended
	}
	t.Cleanup(stop)
	return stop
}

// wait polls until ok.
func wait(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !ok(); time.Sleep(2 * time.Millisecond) {
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

func TestKeeper_aBrowserThatDiesAtOnceIsReported(t *testing.T) {
	for _, tc := range []struct{ name, body, profile, reason string }{
		{"in silence", "exit 1", "", "exit status 1"},
		{"with a message", `printf 'The \033[31mscreen\n' >&2; exit 1`, "", "The \uFFFD[31mscreen"},
		{"handing its page over", "echo Opening in existing browser session.", "kept", "Opening in existing browser session"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if tc.profile != "" {
				tc.profile = filepath.Join(t.TempDir(), tc.profile)
			}
			k := newTestKeeper(Options{Path: program(t, "bad", tc.body), ProfileDir: tc.profile})
			kept(t, k.Keeper)
			wait(t, "its end", func() bool { return k.State().Status == Ended })
			s := k.State()
			if !s.Unusable || !strings.HasPrefix(s.Reason, "after ") || !strings.Contains(s.Reason, tc.reason) || s.String() != "the browser ended "+s.Reason {
				t.Errorf("%+v: %s", s, s)
			}
		})
	}
}

func TestKeeper_theNextBrowserIsStartedIfOneCannotBeUsed(t *testing.T) {
	for name, first := range map[string]string{
		"it ends with an error": program(t, "bad", "echo no good >&2; exit 1"),
		"it can't be started":   filepath.Join(t.TempDir(), "absent"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("TMPDIR", t.TempDir())
			file := filepath.Join(t.TempDir(), "started")
			k := newTestKeeper(Options{Path: first}, program(t, "good", "echo > "+file+"; exec sleep 60"))
			kept(t, k.Keeper)
			wait(t, "the next browser", func() bool { _, err := os.Stat(file); return err == nil })
			wait(t, "the notice", func() bool {
				notices, _ := k.reported()
				return len(notices) > 0 && strings.HasSuffix(notices[len(notices)-1], "; starting good instead")
			})
		})
	}
}

func TestKeeper_aProfileThatCannotBeMadeIsReported(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	k := newTestKeeper(Options{Path: program(t, "good", "exec sleep 60"), ProfileDir: filepath.Join(file, "work")})
	kept(t, k.Keeper)
	wait(t, "a report", func() bool { return k.State().Status == NotStarted })
	var path *fs.PathError
	if s := k.State(); !s.Unusable || !strings.HasPrefix(s.String(), "browser profile: mkdir") || !errors.As(s.Err, &path) {
		t.Errorf("%+v", s)
	}
}

func TestKeeper_aBrowserThatIsClosedLaterIsJustClosed(t *testing.T) {
	k := newTestKeeper(Options{})
	k.after(t.Context(), Ending{After: time.Minute, Output: "noise"})
	if s := k.State(); s != (State{Status: Closed}) {
		t.Errorf("%+v", s)
	}
	k.after(t.Context(), Ending{After: 61 * time.Second, Err: errors.New("signal: segmentation fault")})
	if s := k.State(); s.Status != Ended || s.Reason != "after 61.0 s: signal: segmentation fault" || s.Unusable {
		t.Errorf("%+v", s)
	}
}

// shown waits until a browser that runs has shown a page last, and returns which:
// process id and profile.
func (f *fakeBrowser) shown(page string) (pid int, profile string) {
	f.t.Helper()
	var last []string
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
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
	got, err := f.keeper.Open(f.t.Context(), page)
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
	wait(f.t, "that it is closed", func() bool { return f.keeper.State().Status == Closed })
}

func TestKeeper_theBrowserThatIsOpenShowsThePageAndAClosedOneIsStartedAgain(t *testing.T) {
	f := newFakeBrowser(t, "")
	pid, profile := f.shown("https://first.test/")
	f.opens("https://second.test/", false)
	if p, dir := f.shown("https://second.test/"); p != pid || dir != profile {
		t.Errorf("shown by %d in %s, not by %d in %s", p, dir, pid, profile)
	}
	f.closes(pid)
	if _, err := os.Stat(profile); err == nil {
		t.Error("a thrown-away profile stays")
	}
	f.opens("https://third.test/", true)
	if p, dir := f.shown("https://third.test/"); p == pid || dir == profile {
		t.Errorf("the same browser: %d in %s", p, dir)
	}
	if s := f.keeper.State(); s != (State{}) {
		t.Errorf("an open browser is %+v", s)
	}
}

func TestKeeper_aKeptProfileIsTakenAgain(t *testing.T) {
	kept := filepath.Join(t.TempDir(), "kept")
	f := newFakeBrowser(t, kept)
	pid, _ := f.shown("https://first.test/")
	f.closes(pid)
	f.opens("https://second.test/", true)
	if _, dir := f.shown("https://second.test/"); dir != kept {
		t.Errorf("the profile is %s", dir)
	}
}

// TestKeeper_aPageThatIsAskedForWhileTheBrowserClosesIsShown by the one that is closing
// or by the next one.
func TestKeeper_aPageThatIsAskedForWhileTheBrowserClosesIsShown(t *testing.T) {
	f := newFakeBrowser(t, filepath.Join(t.TempDir(), "kept"))
	pid, _ := f.shown("https://first.test/")
	for n := range 20 {
		closed, page := pid, fmt.Sprintf("https://page-%d.test/", n)
		if err := syscall.Kill(closed, syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		for started := false; !started; {
			var err error
			if started, err = f.keeper.Open(t.Context(), page); err != nil {
				t.Fatal(err)
			}
		}
		if syscall.Kill(closed, 0) == nil {
			t.Error("a browser was started before the other one had ended")
		}
		pid, _ = f.shown(page)
	}
}

func TestKeeper_theEndOfTheRunClosesWhatItStarted(t *testing.T) {
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
	if _, err := f.keeper.Open(ctx, "https://third.test/"); err == nil {
		t.Error("a page is opened after the end")
	}
}

func TestKeeper_aBrowserThatCannotBeStartedSaysSo(t *testing.T) {
	f := newFakeBrowser(t, "")
	pid, _ := f.shown("https://first.test/")
	f.closes(pid)
	if err := os.Remove(filepath.Join(f.dir, "fake")); err != nil {
		t.Fatal(err)
	}
	if started, err := f.keeper.Open(t.Context(), "https://second.test/"); err == nil || started {
		t.Errorf("started %v, %v", started, err)
	}
}

// TestKeeper_aBrowserThatHasRequestedSomethingIsJustClosed, however soon: the person may
// have seen enough.
func TestKeeper_aBrowserThatHasRequestedSomethingIsJustClosed(t *testing.T) {
	k := newTestKeeper(Options{})
	k.requests.Add(1)
	k.after(t.Context(), Ending{After: time.Millisecond})
	if s := k.State(); s != (State{Status: Closed}) {
		t.Errorf("%+v", s)
	}
	if _, states := k.reported(); len(states) != 1 || states[0].Status != Closed {
		t.Errorf("reported %+v", states)
	}
}
