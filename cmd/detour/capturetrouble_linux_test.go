package main

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"detour/internal/capture/disk"
)

// A recordingRun is detour as a process of its own, which saves what it proxies.
type recordingRun struct {
	cmd    *exec.Cmd
	path   string      // of the capture
	lines  chan string // of stderr
	client http.Client
	server string
	sent   int
}

// startRecording starts a run whose files may have so many blocks of 512 bytes; 0: any number.
func startRecording(t *testing.T, blocks int) *recordingRun {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") }))
	t.Cleanup(server.Close)
	r := &recordingRun{path: filepath.Join(t.TempDir(), "run.detour"), lines: make(chan string, 1000), server: server.URL}
	limit := ""
	if blocks > 0 {
		limit = fmt.Sprintf("ulimit -f %d; ", blocks)
	}
	r.cmd = exec.CommandContext(t.Context(), "sh", "-c", limit+`exec detour run --ui none --browser none --listen 127.0.0.1:0 --upstream-proxy none --capture "$1"`, "sh", r.path) //nolint:gosec // a test
	stderr, err := r.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(r.lines)
		for in := bufio.NewScanner(stderr); in.Scan(); {
			r.lines <- in.Text()
		}
	}()
	first := <-r.lines
	_, rest, _ := strings.Cut(first, "proxy=")
	at, _, _ := strings.Cut(rest, " ")
	proxy, err := url.Parse(at)
	if err != nil || at == "" {
		t.Fatalf("%q", first)
	}
	transport := &http.Transport{Proxy: http.ProxyURL(proxy)}
	t.Cleanup(transport.CloseIdleConnections)
	r.client.Transport = transport
	return r
}

// send sends requests until a line of stderr has words: one, however early that is.
func (r *recordingRun) send(t *testing.T, words string) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); {
		resp, err := r.client.Get(r.server + "/" + strings.Repeat("x", 500))
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
		r.sent++
		select {
		case line := <-r.lines:
			if strings.Contains(line, words) {
				return
			}
		default:
		}
	}
	t.Fatalf("nothing is said of %q", words)
}

// end ends the run, and returns what it says and its exit code.
func (r *recordingRun) end(t *testing.T) (said string, code int) {
	t.Helper()
	_ = r.cmd.Process.Signal(syscall.SIGTERM)
	for line := range r.lines {
		said += line + "\n"
	}
	_ = r.cmd.Wait()
	return said, r.cmd.ProcessState.ExitCode()
}

// unsaved is the number in the sentence about lost flows.
var unsaved = regexp.MustCompile(`([0-9]+) flows? couldn't be saved`)

// TestCapture_aFullDiskIsReportedAtOnceAndCountedAtTheEnd, with a limit for each file.
func TestCapture_aFullDiskIsReportedAtOnceAndCountedAtTheEnd(t *testing.T) {
	r := startRecording(t, 400)
	r.send(t, "can't write the capture")
	said, code := r.end(t)
	m := unsaved.FindStringSubmatch(said)
	if m == nil || code != exitFailed {
		t.Fatalf("exit %d, %s", code, said)
	}
	lost, _ := strconv.Atoi(m[1])
	f, err := disk.Open(r.path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	flows, err := f.Count(t.Context(), disk.Query{Where: "final"}) // of one that is lost, a revision in progress may be there
	if err != nil || flows+lost != r.sent || flows == 0 {
		t.Errorf("%d flows are in the capture, %d are said to be lost, %d were sent (%v)", flows, lost, r.sent, err)
	}
}

func TestCapture_aRemovedFileIsReportedAtOnceAndCountedAtTheEnd(t *testing.T) {
	r := startRecording(t, 0)
	if err := os.Remove(r.path); err != nil {
		t.Fatal(err)
	}
	r.send(t, "the capture file was removed")
	said, code := r.end(t)
	if m := unsaved.FindStringSubmatch(said); m == nil || m[1] != strconv.Itoa(r.sent) || code != exitFailed {
		t.Errorf("%d were sent, exit %d, %s", r.sent, code, said)
	}
}

func TestCapture_aMovedFileIsReportedAndComplete(t *testing.T) {
	r := startRecording(t, 0)
	moved := r.path + ".moved"
	if err := os.Rename(r.path, moved); err != nil {
		t.Fatal(err)
	}
	r.send(t, "moved or removed; new flows are still written to it")
	said, code := r.end(t)
	if code != exitDone || unsaved.MatchString(said) {
		t.Errorf("exit %d, %s", code, said)
	}
}
