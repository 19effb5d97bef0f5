package browser

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/windows"

	"detour/internal/leaktest"
)

// The variables that make this program a browser, or its helper, in place of tests.
const (
	beBrowser = "DETOUR_TEST_BROWSER" // the directory in which it records what it was started with
	beHelper  = "DETOUR_TEST_HELPER"
)

// A started is what such a browser records.
type started struct {
	Args   []string
	Browse int // its process
	Helper int
}

func TestMain(m *testing.M) {
	switch dir := os.Getenv(beBrowser); {
	case os.Getenv(beHelper) != "":
		time.Sleep(time.Minute) // it is killed before
	case dir != "":
		browse(dir)
	default:
		leaktest.Main(m)
	}
}

// browse starts a helper first of all, as Chromium does.
func browse(dir string) {
	helper := exec.Command(os.Args[0])
	helper.Env = append(os.Environ(), beHelper+"=1")
	if err := helper.Start(); err != nil {
		os.Exit(1)
	}
	b, _ := json.Marshal(started{os.Args, os.Getpid(), helper.Process.Pid})
	tmp := filepath.Join(dir, "new")
	_ = os.WriteFile(tmp, b, 0o600)
	_ = os.Rename(tmp, filepath.Join(dir, "started"))
	time.Sleep(time.Minute) // it is killed before
}

// recorded waits for what a browser records in dir.
func recorded(t *testing.T, dir string) (s started) {
	t.Helper()
	for until := time.Now().Add(time.Minute); time.Now().Before(until); time.Sleep(10 * time.Millisecond) {
		if b, err := os.ReadFile(filepath.Join(dir, "started")); err == nil {
			if err := json.Unmarshal(b, &s); err != nil {
				t.Fatal(err)
			}
			return s
		}
	}
	t.Fatal("the browser didn't run")
	return s
}

// wantEnded waits until a process has ended.
func wantEnded(t *testing.T, what string, pid int) {
	t.Helper()
	h, err := windows.OpenProcess(windows.SYNCHRONIZE, false, uint32(pid))
	if err != nil {
		return // it has ended
	}
	defer windows.CloseHandle(h)
	if r, err := windows.WaitForSingleObject(h, 20_000); r != windows.WAIT_OBJECT_0 {
		t.Errorf("%s still runs (%v)", what, err)
	}
}

func TestStart_theBrowserAndItsHelpersEndTogether(t *testing.T) {
	dir := t.TempDir()
	t.Setenv(beBrowser, dir)
	p, err := Start(t.Context(), Options{Path: os.Args[0], ProxyURL: "http://127.0.0.1:8080", URL: "https://example.com/"})
	if err != nil {
		t.Fatal(err)
	}
	s := recorded(t, dir)
	if !slices.Contains(s.Args, "--proxy-server=http://127.0.0.1:8080") || s.Args[len(s.Args)-1] != "https://example.com/" {
		t.Errorf("it was started with %q", s.Args)
	}
	p.Close()
	wantEnded(t, "the browser", s.Browse)
	wantEnded(t, "its helper", s.Helper)
	for _, a := range s.Args {
		if profile, ok := strings.CutPrefix(a, "--user-data-dir="); ok {
			if _, err := os.Stat(profile); err == nil {
				t.Errorf("%s is left", profile)
			}
		}
	}
}

// TestHelper_startsABrowser is the detour that is killed.
func TestHelper_startsABrowser(t *testing.T) {
	dir := os.Getenv("DETOUR_TEST_DETOUR")
	if dir == "" {
		t.Skip("another test runs it")
	}
	t.Setenv(beBrowser, dir)
	p, err := Start(t.Context(), Options{Path: os.Args[0], ProxyURL: "http://127.0.0.1:8080"})
	if err != nil {
		t.Fatal(err)
	}
	<-p.Done()
}

func TestStart_theBrowserAndItsHelpersEndIfWeAreKilled(t *testing.T) {
	dir := t.TempDir()
	detour := exec.Command(os.Args[0], "-test.run=^TestHelper_startsABrowser$")
	detour.Env = append(os.Environ(), "DETOUR_TEST_DETOUR="+dir)
	if err := detour.Start(); err != nil {
		t.Fatal(err)
	}
	s := recorded(t, dir)
	_ = detour.Process.Kill()
	_ = detour.Wait()
	wantEnded(t, "the browser", s.Browse)
	wantEnded(t, "its helper", s.Helper)
}
