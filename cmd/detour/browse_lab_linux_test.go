package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"detour/internal/demo"
	"detour/internal/lab"
)

// TestLab_thePersonOpensPagesFromTheTable, closes the browser, and opens another page: all
// of them go through the proxy. Chromium runs on a virtual screen, since a headless one
// opens no page for another process.
func TestLab_thePersonOpensPagesFromTheTable(t *testing.T) {
	l, args := openLabWith(t, lab.CaseHealthy, "screenless", "chromium", `--ozone-platform=headless --disable-gpu "$@" 2>/dev/null`)
	program := buildDetour(t)
	home, err := os.MkdirTemp("", "detour-test-") //nolint:usetesting // its path has to be short for a socket of Chromium's
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(home) })
	for _, v := range []string{"HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "TMPDIR"} {
		t.Setenv(v, home)
	}
	capture, pages := filepath.Join(home, "pages.detour"), demo.Pages()
	cmd := l.Command(t.Context(), program, append(args, "--capture", capture, pages[0].URL())...)
	m := openTerminal(t, "160", "50", strings.Join(cmd.Args, " "))
	m.wait("the first page", contains("EC2 DescribeInstances"))
	first := browsersIn(t, home, 1)

	m.keys("b")
	m.wait("the question for a page", contains("open page: https://"))
	m.keys("C-u")
	m.keys("-l", pages[1].URL())
	m.keys("Enter")
	m.wait("what became of it", contains("opened "+demo.ConsoleHost+" in the browser"))
	m.wait("the second page", contains("DescribeAlarms"))
	if again := browsersIn(t, home, 1); again[0] != first[0] {
		t.Errorf("the page is in another browser: %v, not %v", again, first)
	}

	if err := syscall.Kill(first[0], syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	m.wait("that it is closed", contains("browser closed; b opens it again"))
	m.keys("-l", ":browse "+pages[2].URL())
	m.keys("Enter")
	m.wait("what became of it", contains("restarted the browser with "+demo.ConsoleHost))
	m.wait("the third page", contains("Logs DescribeLogGr"))
	m.wait("no word of a closed browser", func(s string) bool { return !strings.Contains(s, "browser closed") })
	t.Logf("the screen:\n%s", m.tmux("capture-pane", "-p"))
	browsersIn(t, home, 1)

	m.keys("q")
	m.wait("what ends with detour", contains("the browser closes", "quit?"))
	m.keys("y")
	m.quits()
	browsersIn(t, home, 0)
	if left, _ := filepath.Glob(filepath.Join(home, "detour-profile-*")); left != nil {
		t.Errorf("profiles are left: %v", left)
	}
	var out, errs bytes.Buffer
	if code := run([]string{"export", capture, "--format", "jsonl"}, &out, &errs); code != exitDone {
		t.Fatal(errs.String())
	}
	for _, p := range pages {
		if !strings.Contains(out.String(), `"page":"`+p.URL()+`"`) {
			t.Errorf("no flow is of %s", p.URL())
		}
	}
}

// browsersIn waits until so many browsers have a profile below dir, and returns their
// process IDs, without those of a browser's helpers.
func browsersIn(t *testing.T, dir string, want int) (pids []int) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		pids = nil
		all, _ := filepath.Glob("/proc/[0-9]*/cmdline")
		for _, file := range all {
			b, _ := os.ReadFile(file)
			if !bytes.Contains(b, []byte("--user-data-dir="+dir)) || bytes.Contains(b, []byte("--type=")) {
				continue
			}
			if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file))); err == nil {
				pids = append(pids, pid)
			}
		}
		if len(pids) == want {
			return pids
		}
	}
	t.Fatalf("%d browsers have a profile in %s, want %d", len(pids), dir, want)
	return nil
}
