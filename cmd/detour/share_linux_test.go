package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"detour/internal/share/link"
)

// A sharedRun is a program of ours that shares, without a table.
type sharedRun struct {
	*exec.Cmd
	link  link.Link
	mu    sync.Mutex
	lines []string // of stderr
}

func (x *sharedRun) stderr() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return strings.Join(x.lines, "\n")
}

// share starts detour with --share, and returns once it has written its link.
func startShared(t *testing.T, args ...string) *sharedRun {
	t.Helper()
	x := &sharedRun{Cmd: exec.CommandContext(t.Context(), "detour", append(args, "--ui", "none", "--share")...)}
	x.Cancel = func() error { return x.Process.Signal(os.Interrupt) }
	x.WaitDelay = 10 * time.Second
	out, err := x.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := x.Start(); err != nil {
		t.Fatal(err)
	}
	found := make(chan link.Link, 1)
	read := make(chan struct{})
	go func() {
		defer close(read)
		for in := bufio.NewScanner(out); in.Scan(); {
			x.mu.Lock()
			x.lines = append(x.lines, in.Text())
			x.mu.Unlock()
			if l, err := link.Parse(in.Text()); err == nil {
				found <- l
			}
		}
	}()
	t.Cleanup(func() {
		_ = x.Process.Signal(os.Interrupt)
		<-read
		_ = x.Wait()
	})
	select {
	case x.link = <-found:
	case <-read:
		t.Fatalf("it ended: %s", x.stderr())
	case <-time.After(time.Minute):
		t.Fatalf("no link: %s", x.stderr())
	}
	return x
}

// TestShare_theTokenIsOnStderrOnceAndNowhereElse: not in the log, the capture or the list of
// processes.
func TestShare_theTokenIsOnStderrOnceAndNowhereElse(t *testing.T) {
	privateHome(t)
	dir := t.TempDir()
	logFile, capture := filepath.Join(dir, "log"), filepath.Join(dir, "run.detour")
	x := startShared(t, "demo", "--log", logFile, "--capture", capture)
	events := watchRun(t, x.link)
	if n := strings.Count(x.stderr(), x.link.Token); n != 1 {
		t.Errorf("stderr has the token %d times", n)
	}
	processes, err := exec.CommandContext(t.Context(), "ps", "axeww", "-o", "args").Output()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(processes), x.link.Token) {
		t.Error("the list of processes has the token")
	}
	got := events() // until the demo ends
	if !strings.Contains(got, "event: end\n") || !strings.Contains(got, "the run has ended") {
		t.Errorf("the watcher isn't told of the end: %.300s", got[max(0, len(got)-300):])
	}
	if strings.Contains(got, x.link.Token) {
		t.Error("the events have the token")
	}
	err = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if err == nil && strings.Contains(string(b), x.link.Token) {
			t.Errorf("%s has the token", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// watchRun watches a run, and returns what returns all events at the end.
func watchRun(t *testing.T, l link.Link) (all func() string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, l.Base()+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+l.Token)
	transport := &http.Transport{DisableKeepAlives: true}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK {
		t.Fatal(resp.Status)
	}
	return func() string {
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Error(err)
		}
		return string(b)
	}
}

// TestShare_aDemosStoryIsInThePage: Chromium opens the link, and shows the story as it happens.
func TestShare_aDemosStoryIsInThePage(t *testing.T) {
	chromium, err := exec.LookPath("chromium")
	if err != nil || testing.Short() {
		t.Skip("needs chromium, and some seconds")
	}
	privateHome(t)
	home, err := os.MkdirTemp("", "detour-share") //nolint:usetesting // its helpers may still write when the test ends
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(home) })
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium), chromedp.DisableGPU,
		chromedp.Env("HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_CACHE_HOME="+home, "TMPDIR="+home),
		chromedp.UserDataDir(filepath.Join(home, "profile")), chromedp.Flag("no-proxy-server", true))
	if os.Geteuid() == 0 {
		opts = append(opts, chromedp.NoSandbox)
	}
	ctx, end := chromedp.NewExecAllocator(context.Background(), opts...)
	t.Cleanup(end)
	ctx, cancel := chromedp.NewContext(ctx)
	t.Cleanup(func() { _ = chromedp.Cancel(ctx); cancel() })
	ctx, stop := context.WithTimeout(ctx, 5*time.Minute)
	t.Cleanup(stop)
	if _, err := chromedp.Run(ctx, chromedp.Navigate("about:blank")); err != nil { // it starts before the story does
		t.Fatal(err)
	}
	var x *sharedRun
	shown, ended := "", "the run has ended"
	for try := 0; x == nil || try < 5 && strings.Contains(shown, ended); try++ { // it may have been over before the page was there
		x = startShared(t, "demo")
		if _, err := chromedp.Run(ctx, chromedp.Navigate(x.link.String())); err != nil {
			t.Fatal(err)
		}
		for shown = ""; !strings.Contains(shown, "connecting") && !strings.Contains(shown, ended); {
			if shown, err = chromedp.Run(ctx, chromedp.Evaluate[string]("document.body.innerText")); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, want := range []string{"connecting", "DescribeInstances", "TIMEOUT", "whose security group doesn't allow", ended} {
		for deadline := time.Now().Add(time.Minute); !strings.Contains(shown, want); {
			if time.Now().After(deadline) {
				t.Fatalf("the page doesn't show %q: %s", want, shown)
			}
			if shown, err = chromedp.Run(ctx, chromedp.Evaluate[string]("document.body.innerText")); err != nil {
				t.Fatal(err)
			}
		}
	}
	at, err := chromedp.Run(ctx, chromedp.Evaluate[string]("location.href + document.cookie"))
	if err != nil {
		t.Fatal(err)
	}
	if at != x.link.Base()+"/" {
		t.Errorf("the address and the cookie that a script sees are %q", at)
	}
}
