//go:build unix

package browser

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"detour/internal/leaktest"
)

func TestMain(m *testing.M) { leaktest.Main(m) }

const proxyURL = "http://127.0.0.1:1"

func TestArguments_isolateAndTrustThisRunOnly(t *testing.T) {
	opt := Options{ProxyURL: proxyURL, SPKI: "pin=", Args: []string{"--headless"}, URL: "https://example.com/"}
	want := []string{
		"--user-data-dir=/profile", "--proxy-server=" + proxyURL, "--no-first-run", "--no-default-browser-check",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic", "--gaia-url=http://127.0.0.1:9/",
		"--ignore-certificate-errors-spki-list=pin=", "--headless", "https://example.com/",
	}
	if got := arguments(opt, "/profile", false); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestArguments_withoutASandboxForRootOnly(t *testing.T) {
	for _, root := range []bool{false, true} {
		if got := slices.Contains(arguments(Options{}, "/p", root), "--no-sandbox"); got != root {
			t.Errorf("root %v: sandbox off %v", root, got)
		}
	}
}

func TestArguments_openTheConsoleUnlessAskedAndTrustNobodyWithoutAKey(t *testing.T) {
	args := arguments(Options{ProxyURL: proxyURL}, "/p", false)
	if got := args[len(args)-1]; got != ConsoleURL {
		t.Errorf("opens %s", got)
	}
	for _, a := range args {
		if strings.HasPrefix(a, "--ignore-certificate-errors") {
			t.Errorf("%s without a key", a)
		}
	}
}

func TestStart_refusesWhatWouldNotBeIsolated(t *testing.T) {
	for name, opt := range map[string]Options{
		"a switch for a URL": {ProxyURL: proxyURL, URL: "--no-proxy-server"},
		"no proxy":           {},
		"no program":         {ProxyURL: proxyURL, Path: filepath.Join(t.TempDir(), "absent")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("TMPDIR", t.TempDir())
			if opt.Path == "" {
				opt.Path = script(t, "exit 0")
			}
			if p, err := Start(t.Context(), opt); err == nil {
				p.Close()
				t.Error("started")
			}
			if left, _ := os.ReadDir(os.TempDir()); len(left) != 0 {
				t.Errorf("left %v", left)
			}
		})
	}
}

// recording is a script that writes its arguments to the file, one a line and
// whole or not at all, and then does as body says. $dir is its profile.
func recording(t *testing.T, body string) (path, file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "arguments")
	return script(t, `for a in "$@"; do case $a in --user-data-dir=*) dir=${a#*=};; esac; done
printf '%s\n' "$@" > `+file+`.new
`+strings.ReplaceAll(body, "READY", "mv "+file+".new "+file)), file
}

// lines waits for a file and returns its lines.
func lines(t *testing.T, file string) []string {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if b, err := os.ReadFile(file); err == nil {
			return strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
		}
	}
	t.Fatalf("%s did not come", file)
	return nil
}

func profileOf(t *testing.T, args []string) string {
	t.Helper()
	for _, a := range args {
		if dir, ok := strings.CutPrefix(a, "--user-data-dir="); ok {
			return dir
		}
	}
	t.Fatalf("no profile in %q", args)
	return ""
}

func gone(path string) bool {
	_, err := os.Stat(path)
	return errors.Is(err, fs.ErrNotExist)
}

// dead polls until no process has the id; a killed orphan is its adopter's to bury.
func dead(t *testing.T, pid int) bool {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if err := syscall.Kill(pid, 0); errors.Is(err, syscall.ESRCH) {
			return true
		}
		if b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)); err == nil && bytes.Contains(b, []byte(") Z ")) {
			return true
		}
	}
	return false
}

func TestStart_givesTheBrowserOurArgumentsAndAPrivateProfile(t *testing.T) {
	path, file := recording(t, "READY; exec sleep 60")
	opt := Options{Path: path, ProxyURL: proxyURL, SPKI: "pin=", Args: []string{"--lang=ja", "with space"}}
	p, err := Start(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	got := lines(t, file)
	profile := profileOf(t, got)
	if want := arguments(opt, profile, os.Geteuid() == 0); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if info, err := os.Stat(profile); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("profile %v %v, want mode 0700", info, err)
	}
	if slices.Contains(got, "--no-sandbox") != (len(p.Notes) == 1) {
		t.Errorf("notes %q for %q", p.Notes, got)
	}
}

func TestClose_endsABrowserThatWontListenAndItsHelpers(t *testing.T) {
	path, file := recording(t, `trap '' TERM
sh -c 'trap "" TERM; while :; do touch '"$dir"'/busy; sleep 0.01; done' &
echo $! >> `+"$0.helper"+`
READY
while :; do sleep 0.05; done`)
	p, err := Start(t.Context(), Options{Path: path, ProxyURL: proxyURL})
	if err != nil {
		t.Fatal(err)
	}
	profile := profileOf(t, lines(t, file))
	helper, err := strconv.Atoi(lines(t, path+".helper")[0])
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	p.Close()
	p.Close() // again does no harm
	if took := time.Since(start); took < closeGrace || took > 10*closeGrace {
		t.Errorf("took %v, want a little more than %v", took, closeGrace)
	}
	for name, pid := range map[string]int{"browser": p.cmd.Process.Pid, "helper": helper} {
		if !dead(t, pid) {
			t.Errorf("the %s lives", name)
		}
	}
	if !gone(profile) {
		t.Error("the profile stays")
	}
}

func TestClose_letsABrowserSaveItsStateFirst(t *testing.T) {
	profile := filepath.Join(t.TempDir(), "state", "work")
	path, file := recording(t, `trap 'echo tidy > "$dir/saved"; exit 0' TERM
READY
while :; do sleep 0.01; done`)
	p, err := Start(t.Context(), Options{Path: path, ProxyURL: proxyURL, ProfileDir: profile})
	if err != nil {
		t.Fatal(err)
	}
	lines(t, file)
	p.Close()
	if b, err := os.ReadFile(filepath.Join(profile, "saved")); err != nil || string(b) != "tidy\n" {
		t.Errorf("%q %v, want what it saved in the profile that is kept", b, err)
	}
	if info, err := os.Stat(profile); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("profile %v %v, want mode 0700", info, err)
	}
}

func TestProcess_endsWithItsContext(t *testing.T) {
	path, file := recording(t, "READY; exec sleep 60")
	ctx, cancel := context.WithCancel(t.Context())
	p, err := Start(ctx, Options{Path: path, ProxyURL: proxyURL})
	if err != nil {
		t.Fatal(err)
	}
	profile := profileOf(t, lines(t, file))
	cancel()
	<-p.Done()
	if !dead(t, p.cmd.Process.Pid) || !gone(profile) {
		t.Error("something of it is left")
	}
	if p, err := Start(ctx, Options{Path: path, ProxyURL: proxyURL}); !errors.Is(err, context.Canceled) {
		p.Close()
		t.Errorf("after the end of the context: %v", err)
	}
}

func TestProcess_isDoneWhenItEndsByItself(t *testing.T) {
	path, file := recording(t, "READY; sleep 60 & exit 3")
	var log bytes.Buffer
	p, err := Start(t.Context(), Options{Path: path, ProxyURL: proxyURL, Log: &log})
	if err != nil {
		t.Fatal(err)
	}
	profile := profileOf(t, lines(t, file))
	<-p.Done()
	if !gone(profile) {
		t.Error("the profile stays")
	}
	p.Close()
}

func TestStart_logsWhatTheBrowserSays(t *testing.T) {
	var log bytes.Buffer
	p, err := Start(t.Context(), Options{Path: script(t, "echo out; echo err >&2"), ProxyURL: proxyURL, Log: &log})
	if err != nil {
		t.Fatal(err)
	}
	<-p.Done()
	if got, want := log.String(), "out\nerr\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
