//go:build unix

package browser

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"detour/internal/dirlock"
)

func TestEnding_saysHowLongItRanAndWhatItSaidLast(t *testing.T) {
	path := script(t, `printf 'first\n[1:2:1128/124923.690514:ERROR:ui/ozone.cc:257] Missing \033[31mX\n\nIt fails.\n[1:2:0/0.1:ERROR:dbus/bus.cc:405] no bus\n' >&2; exit 3`)
	p, err := Start(t.Context(), Options{Path: path, ProxyURL: proxyURL})
	if err != nil {
		t.Fatal(err)
	}
	<-p.Done()
	e := p.Ending()
	if e.Output != "Missing \uFFFD[31mX; It fails" || e.Err == nil || e.Asked || e.After <= 0 || e.After > time.Minute {
		t.Errorf("got %+v", e)
	}
}

func TestEnding_ofABrowserThatWeClosedSaysSo(t *testing.T) {
	path, file := recording(t, "READY; exec sleep 60")
	p, err := Start(t.Context(), Options{Path: path, ProxyURL: proxyURL})
	if err != nil {
		t.Fatal(err)
	}
	lines(t, file)
	p.Close()
	if e := p.Ending(); !e.Asked {
		t.Errorf("got %+v", e)
	}
}

func TestOutput_keepsLittleOfMuch(t *testing.T) {
	path := script(t, `i=0; while [ $i -lt 2000 ]; do echo "line $i 0123456789012345678901234567890123456789"; i=$((i+1)); done; printf '%01000d' 7`)
	var log bytes.Buffer
	p, err := Start(t.Context(), Options{Path: path, ProxyURL: proxyURL, Log: &log})
	if err != nil {
		t.Fatal(err)
	}
	<-p.Done()
	if n := strings.Count(log.String(), "\n"); n != 2000 {
		t.Errorf("%d lines are passed on", n)
	}
	if w := p.Ending().Output; len(w) > maxLast+20 || !strings.HasPrefix(w, "line 1999 ") {
		t.Errorf("%d bytes: %q", len(w), w)
	}
	if len(p.output.tail) > maxTail {
		t.Errorf("%d bytes are kept", len(p.output.tail))
	}
}

func TestStart_aKeptProfileIsOneRunsAtATime(t *testing.T) {
	kept := filepath.Join(t.TempDir(), "kept")
	path, file := recording(t, "READY; exec sleep 60")
	p, err := Start(t.Context(), Options{Path: path, ProxyURL: proxyURL, ProfileDir: kept})
	if err != nil {
		t.Fatal(err)
	}
	lines(t, file)
	if p, err := Start(t.Context(), Options{Path: path, ProxyURL: proxyURL, ProfileDir: kept}); !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), strconv.Itoa(os.Getpid())) {
		t.Errorf("%v, %v", p, err)
	}
	p.Close()
	if p, err = Start(t.Context(), Options{Path: path, ProxyURL: proxyURL, ProfileDir: kept}); err != nil {
		t.Fatal(err)
	}
	p.Close()
}

func TestStart_snapsAndFlatpaksHaveTheirProfilesWhereTheyMayWrite(t *testing.T) {
	for _, tc := range []struct{ program, kept, want string }{
		{"snap/bin/chromium", "", "snap/chromium/common/detour-profile-"},
		{"snap/bin/firefox", "/state/profiles/work", "snap/firefox/common/detour-profiles/work"},
		{".local/share/flatpak/exports/bin/com.google.Chrome", "", ".var/app/com.google.Chrome/detour-profile-"},
		{".local/share/flatpak/exports/bin/org.mozilla.firefox", "/state/profiles/work", ".var/app/org.mozilla.firefox/detour-profiles/work"},
	} {
		home := t.TempDir()
		t.Setenv("HOME", home)
		p, err := newProfile(filepath.Join(home, tc.program), tc.kept)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := filepath.Rel(home, p.dir); !strings.HasPrefix(got, tc.want) || p.temporary != (tc.kept == "") {
			t.Errorf("%s: %s, want %s", tc.program, got, tc.want)
		}
		if p.environment() != nil {
			t.Errorf("%s: its TMPDIR isn't its own", tc.program)
		}
		p.end()
		if gone(p.dir) != (tc.kept == "") {
			t.Errorf("%s: a profile that is kept goes, or one that isn't stays", tc.program)
		}
	}
}

// TestHelper_startsABrowserAndIsKilled isn't a test of its own: it is the process that
// the next ones kill.
func TestHelper_startsABrowserAndIsKilled(t *testing.T) {
	program := os.Getenv("DETOUR_TEST_BROWSER")
	if program == "" {
		t.Skip("it is for other tests")
	}
	opt := Options{Path: program, ProxyURL: proxyURL, ProfileDir: os.Getenv("DETOUR_TEST_PROFILE"), Args: strings.Fields(os.Getenv("DETOUR_TEST_ARGS"))}
	if _, err := Start(t.Context(), opt); err != nil {
		t.Fatal(err)
	}
	fmt.Println(started)
	select {}
}

// started is what the process that kill9 kills says once it has started a browser.
const started = "started"

// kill9 starts a browser by another process, waits for ready, kills that process, and
// returns the process ids that ready gave.
func kill9(t *testing.T, program, kept, args string, ready func() []int) []int {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestHelper_startsABrowserAndIsKilled$") //nolint:gosec // this test
	cmd.Env = append(os.Environ(), "DETOUR_TEST_BROWSER="+program, "DETOUR_TEST_PROFILE="+kept, "DETOUR_TEST_ARGS="+args)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	pids := ready()
	for in := bufio.NewScanner(out); in.Scan() && in.Text() != started; { // the browser may be faster
	}
	if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	return pids
}

func wantsGone(t *testing.T, path string) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !gone(path); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s stays", path)
		}
	}
}

func TestStart_theBrowserItsHelpersAndItsProfileGoIfWeAreKilled(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	path, file := recording(t, `trap 'echo asked > `+"$0.asked"+`' TERM
sh -c 'trap "" TERM; while :; do touch '"$dir"'/busy; sleep 0.01; done' &
echo $$ $! >> `+"$0.pids"+`
READY
while :; do sleep 0.05; done`)
	var profile string
	pids := kill9(t, path, "", "", func() (out []int) {
		profile = profileOf(t, lines(t, file))
		for _, f := range strings.Fields(lines(t, path+".pids")[0]) {
			pid, err := strconv.Atoi(f)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, pid)
		}
		return out
	})
	for _, pid := range pids {
		if !dead(t, pid) {
			t.Errorf("process %d lives", pid)
		}
	}
	wantsGone(t, profile)
	if got := lines(t, path+".asked"); !slices.Equal(got, []string{"asked"}) {
		t.Errorf("it wasn't asked first: %q", got)
	}
}

func TestStart_aKeptProfileStaysIfWeAreKilledAndIsFree(t *testing.T) {
	kept := filepath.Join(t.TempDir(), "kept")
	path, file := recording(t, `trap 'echo tidy > "$dir/saved"; exit 0' TERM
READY
while :; do sleep 0.01; done`)
	kill9(t, path, kept, "", func() []int { lines(t, file); return nil })
	if got := lines(t, filepath.Join(kept, "saved")); !slices.Equal(got, []string{"tidy"}) {
		t.Errorf("saved %q", got)
	}
	p, err := newProfile(path, kept)
	if err != nil {
		t.Fatal(err)
	}
	p.end()
}

func TestStart_chromiumEndsIfWeAreKilled(t *testing.T) {
	dir := home(t)
	kill9(t, chromiumPath, "", "--headless --disable-gpu", func() []int {
		for deadline := time.Now().Add(time.Minute); len(mentioning("--type=renderer")) == 0 || len(mentioning(dir)) < 3; time.Sleep(10 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal("it doesn't start")
			}
		}
		return nil
	})
	for deadline := time.Now().Add(time.Minute); len(mentioning(dir)) != 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("still running: %q", mentioning(dir))
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, temporaryPrefix+"*")); left != nil {
		t.Errorf("left %v", left)
	}
}

func TestSweep_removesProfilesWhoseRunWasKilled(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	t.Setenv("HOME", filepath.Join(dir, "home"))
	ours, err := newProfile("", "")
	if err != nil {
		t.Fatal(err)
	}
	defer ours.end()
	left := map[string]bool{ours.dir: false} // whether it goes
	for _, at := range []string{dir, filepath.Join(dir, "home/snap/chromium/common"), filepath.Join(dir, "home/.var/app/org.mozilla.firefox")} {
		for n, orphaned := range []bool{true, false} {
			p := filepath.Join(at, fmt.Sprint(temporaryPrefix, n))
			if err := os.MkdirAll(filepath.Join(p, "Default"), 0o700); err != nil {
				t.Fatal(err)
			}
			if orphaned {
				l, err := dirlock.Take(p)
				if err != nil {
					t.Fatal(err)
				}
				l.Release()
				if err := os.WriteFile(filepath.Join(p, "detour-lease"), []byte("1\n"), 0o600); err != nil { // as after a kill
					t.Fatal(err)
				}
			}
			left[p] = orphaned
		}
	}
	Sweep()
	for p, goes := range left {
		if gone(p) != goes {
			t.Errorf("%s: gone %v, want %v", p, gone(p), goes)
		}
	}
}
