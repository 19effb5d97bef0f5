package intake_test

import (
	"bytes"
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"detour/internal/demo"
)

var exports = flag.Int("exports", 0, "export a capture of so many flows, and measure the memory that this takes")

// Exports and diagnoses take little memory however many flows a file has, also on stdin: exports of a million
// take minutes for each format, and gigabytes on the disk.
func TestExports_takeLittleMemory(t *testing.T) {
	if *exports == 0 {
		t.Skip("it takes minutes: -exports 1000000")
	}
	const most = 150 << 10 // KiB
	detour := filepath.Join(t.TempDir(), "detour")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", detour, "../../cmd/detour").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	measured := func(stdin string, args ...string) {
		c := exec.CommandContext(t.Context(), detour, args...)
		if stdin != "" {
			f, err := os.Open(stdin)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			c.Stdin = f
		}
		written, peak, err := peakOf(c)
		if problems := 3; err != nil && c.ProcessState.ExitCode() != problems {
			t.Fatal(args, err)
		}
		what := fmt.Sprint(args[0], " ", filepath.Base(cmp.Or(stdin, args[1])), " ", args[1:])
		t.Logf("%s: %d MiB written in %v of CPU time, peak %d MiB", what, written>>20, c.ProcessState.UserTime(), peak>>10)
		if peak > most || peak == 0 {
			t.Errorf("%s: %d KiB", what, peak)
		}
	}
	exported := func(path string, args ...string) {
		measured("", append([]string{"export", path, "--format"}, args...)...)
	}
	path, dir := captureOf(t, *exports), t.TempDir()
	files, err := demo.Account(false)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files { // it denies what responded
		inRegion := bytes.ReplaceAll(f.Data, []byte("ap-northeast-1"), []byte("eu-central-1"))
		if err := os.WriteFile(filepath.Join(dir, f.Name), inRegion, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{
		{"csv"},
		{"jsonl"},
		{"har"},
		{"html"},
		{"bundle"},
		{"jsonl", "--account", dir},
		{"jsonl", "--account", dir, "--from", "172.16.8.5"},
		{"bundle", "--account", dir},
		{"csv", "--filter", "status:200"},
		{"csv", "--privacy", "strict"},
		{"html", "--filter", "NOT status:200", "--privacy", "strict"},
	} {
		exported(path, args...)
	}
	lines := filepath.Join(t.TempDir(), "flows.jsonl")
	few := captureOf(t, *exports*3/8) // a million are 450 MB of JSON Lines then
	if out, err := exec.CommandContext(t.Context(), detour, "export", few, "--format", "jsonl", "-o", lines).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	har := harOf(t, *exports/10) // what takes 2 KiB each in memory
	for _, path := range []string{lines, har} {
		for _, format := range []string{"csv", "jsonl", "har", "html", "bundle"} {
			exported(path, format)
		}
		measured("", "diagnose", path)
		measured(path, "diagnose", "-")
		measured(path, "export", "-", "--format", "csv")
		measured(path, "export", "-", "--format", "jsonl")
	}
	exported(path, "html", "--account", dir)
}

// peakOf runs a command and returns how many bytes it wrote to stdout, and the most memory that it had
// resident meanwhile, in KiB. The rusage of a child isn't that: it begins with what its parent has.
func peakOf(c *exec.Cmd) (written int64, peak int, err error) {
	var said bytes.Buffer
	c.Stderr = &said
	out, err := c.StdoutPipe()
	if err != nil {
		return 0, 0, err
	}
	if err := c.Start(); err != nil {
		return 0, 0, err
	}
	done, most := make(chan struct{}), make(chan int)
	go func() {
		peak := 0
		for tick := time.Tick(5 * time.Millisecond); ; {
			select {
			case <-tick:
				peak = max(peak, resident(c.Process.Pid))
			case <-done:
				most <- peak
				return
			}
		}
	}()
	written, _ = io.Copy(io.Discard, out)
	close(done)
	peak = <-most
	if err := c.Wait(); err != nil {
		return written, peak, errors.Join(err, errors.New(said.String()))
	}
	return written, peak, nil
}

// resident is the most memory that a process had resident, in KiB (proc_pid_status(5)); 0 if it has ended.
func resident(pid int) (most int) {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if _, after, ok := bytes.Cut(status, []byte("VmHWM:")); ok {
		_, _ = fmt.Sscan(string(after), &most)
	}
	return most
}
