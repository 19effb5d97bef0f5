package intake_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

var exports = flag.Int("exports", 0, "export a capture of so many flows, and measure the memory that this takes")

// Exports take little memory however many flows a capture or a HAR has: those of a million take minutes for
// each format, and a gigabyte on the disk.
func TestExports_takeLittleMemory(t *testing.T) {
	if *exports == 0 {
		t.Skip("it takes minutes: -exports 1000000")
	}
	const most = 150 << 10 // KiB
	detour := filepath.Join(t.TempDir(), "detour")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", detour, "../../cmd/detour").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	exported := func(path string, args ...string) {
		c := exec.CommandContext(t.Context(), detour, append([]string{"export", path, "--format"}, args...)...)
		written, peak, err := peakOf(c)
		if err != nil {
			t.Fatal(args, err)
		}
		t.Logf("%s %v: %d MiB written in %v of CPU time, peak %d MiB",
			filepath.Ext(path), args, written>>20, c.ProcessState.UserTime(), peak>>10)
		if peak > most || peak == 0 {
			t.Errorf("%s %v: %d KiB", filepath.Ext(path), args, peak)
		}
	}
	path := captureOf(t, *exports)
	for _, args := range [][]string{
		{"csv"},
		{"jsonl"},
		{"har"},
		{"html"},
		{"bundle"},
		{"csv", "--filter", "status:200"},
		{"csv", "--privacy", "strict"},
		{"html", "--filter", "NOT status:200", "--privacy", "strict"},
	} {
		exported(path, args...)
	}
	path = harOf(t, *exports/10) // what takes 2 KiB each in memory
	for _, format := range []string{"csv", "jsonl", "har", "html", "bundle"} {
		exported(path, format)
	}
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
	for {
		n, err := io.CopyN(io.Discard, out, 64<<10)
		written += n
		peak = max(peak, resident(c.Process.Pid))
		if err != nil {
			break
		}
	}
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
