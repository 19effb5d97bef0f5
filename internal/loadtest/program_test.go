package loadtest

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/x509"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// readyLine is what detour prints once it serves, and so does the reference.
const readyLine = "detour: proxy=%s ca=%s"

// A program is a proxy that runs as a process of its own.
type program struct {
	pid    int
	proxy  *url.URL
	roots  *x509.CertPool
	server *server
}

// startDetour starts detour with a capture. With further flags, nobody reads its stdout.
func startDetour(t *testing.T, path string, s *server, flags ...string) *program {
	t.Helper()
	dir := t.TempDir()
	return start(t, s, nil, path, append([]string{
		"run", "--ui", "none", "--browser", "none", "--listen", "127.0.0.1:0", "--decrypt", serverName, "--map", serverName + "=127.0.0.1",
		"--upstream-ca", s.caFile, "--upstream-proxy", "none", "--ca-dir", filepath.Join(dir, "ca"),
		"--capture", cmp.Or(*loadCapture, filepath.Join(dir, "run.detour")),
	}, flags...)...)
}

// start starts a program, and waits until it serves.
func start(t *testing.T, s *server, env []string, path string, args ...string) *program {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), path, args...) //nolint:gosec // our own program
	cmd.Env = append(os.Environ(), env...)
	if slices.Contains(args, stalled) { // the pipe is never emptied
		if _, err := cmd.StdoutPipe(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := cmd.StdinPipe(); err != nil { // ends with this process
		t.Fatal(err)
	}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Signal(os.Interrupt); _ = cmd.Wait() })
	said := bufio.NewReader(stderr)
	first, err := said.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = io.Copy(io.Discard, said) }()
	var proxy, root string
	if _, err := fmt.Sscanf(first, readyLine, &proxy, &root); err != nil {
		t.Fatalf("%q: %v", first, err)
	}
	pem, err := os.ReadFile(root)
	if err != nil {
		t.Fatal(err)
	}
	p := &program{pid: cmd.Process.Pid, roots: x509.NewCertPool(), server: s}
	p.roots.AppendCertsFromPEM(pem)
	if p.proxy, err = url.Parse(proxy); err != nil {
		t.Fatal(err)
	}
	return p
}

// memory is the memory that the program allocated, in MiB. Pages of its own file aren't part of
// it: the system evicts and rereads them as needed.
func (p *program) memory(t *testing.T) float64 {
	t.Helper()
	return p.status(t, "RssAnon:")
}

// status is a line of proc_pid_status(5), in MiB.
func (p *program) status(t *testing.T, line string) float64 {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.pid))
	if err != nil {
		t.Fatal(err)
	}
	kib, ok := numberAfter(string(b), line)
	if !ok {
		t.Fatalf("process %d: its status has no %s", p.pid, line)
	}
	return kib / 1024
}

// numberAfter is the number that follows a word. That of a process or a thread which has just ended
// may lack it.
func numberAfter(text, word string) (n float64, ok bool) {
	_, rest, _ := strings.Cut(text, word)
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0, false
	}
	n, err := strconv.ParseFloat(fields[0], 64)
	return n, err == nil
}

func TestNumberAfter_ofAThreadThatEnded(t *testing.T) {
	for status, want := range map[string]bool{"": false, "\nswitches:": false, "\nswitches:\n": false, "\nswitches: x": false, "a:1\nswitches:\t3\nb:2": true} {
		if n, ok := numberAfter(status, "\nswitches:"); ok != want || ok && n != 3 {
			t.Errorf("%q: %v, %v", status, n, ok)
		}
	}
}

// sleeps is how often a thread of the program went to sleep: each of them has to be woken.
func (p *program) sleeps(t *testing.T) (n float64) {
	t.Helper()
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", p.pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range threads {
		b, err := os.ReadFile(file)
		if err != nil {
			continue // it ended
		}
		of, _ := numberAfter(string(b), "\nvoluntary_ctxt_switches:")
		n += of
	}
	return n
}

// cpu is the processor time that the program has used.
func (p *program) cpu(t *testing.T) time.Duration {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.pid))
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:])) // utime and stime are the 14th and 15th, proc_pid_stat(5)
	if len(fields) < 13 {
		t.Fatalf("process %d: its stat is %q", p.pid, b)
	}
	user, err := strconv.ParseInt(fields[11], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	system, err := strconv.ParseInt(fields[12], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return time.Duration(user+system) * (time.Second / 100)
}
