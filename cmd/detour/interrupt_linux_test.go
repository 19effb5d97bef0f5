package main

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"
)

// started is detour as a process of its own.
func started(t *testing.T, stdin *os.File, args ...string) (cmd *exec.Cmd, stderr *bufio.Reader) {
	t.Helper()
	cmd = exec.CommandContext(t.Context(), "detour", args...)
	cmd.Stdin = stdin
	errs, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, bufio.NewReader(errs)
}

// ended is the exit code of a process that ends; -1 after a minute.
func ended(t *testing.T, cmd *exec.Cmd) (code int) {
	t.Helper()
	watch := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() })
	defer watch.Stop()
	_ = cmd.Wait()
	return cmd.ProcessState.ExitCode()
}

// silent is the address of a server that accepts connections and says nothing.
func silent(t *testing.T, accepted chan<- struct{}) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			defer c.Close()
			select {
			case accepted <- struct{}{}:
			default:
			}
		}
	}()
	return l.Addr().String()
}

// waiting is how many bytes are in a pipe.
func waiting(t *testing.T, pipe *os.File) (n int) {
	t.Helper()
	const fionread = 0x541b // ioctl_tty(2)
	var v int32
	if _, _, err := syscall.Syscall(syscall.SYS_IOCTL, pipe.Fd(), fionread, uintptr(unsafe.Pointer(&v))); err != 0 { //nolint:gosec // ioctl(2)
		t.Fatal(err)
	}
	return int(v)
}

// waitUntil waits for something that another process does in its own time.
func waitUntil(t *testing.T, what string, is func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(time.Minute); !is(); <-tick.C {
		if time.Now().After(end) {
			t.Fatalf("it never happens: %s", what)
		}
	}
}

// TestInterrupt_endsACommandWith130: whatever it waits for, without a word about a failure.
func TestInterrupt_endsACommandWith130(t *testing.T) {
	capture, dir, accepted := recordedCalls(t, 2000), t.TempDir(), make(chan struct{}, 1)
	server := silent(t, accepted)
	for i, c := range []struct {
		name  string
		args  string
		until string // what tells that it waits
	}{
		{"diagnose, stdin", "diagnose -", "reads stdin"},
		{"export, stdin", "export - --format csv", "reads stdin"},
		{"diff, stdin", "diff - CAPTURE", "reads stdin"},
		{"classify", "classify", "reads stdin"},
		{"diagnose, a pipe", "diagnose PIPE", "reads the pipe"},
		{"export to a pipe", "export CAPTURE --format csv -o PIPE", "writes the pipe"},
		{"a table of endpoints from a pipe", "classify --endpoint-services PIPE", "reads the pipe"},
		{"a run that doesn't serve yet", "run --ui none --browser none --listen 127.0.0.1:0 --upstream-ca PIPE", "reads the pipe"},
		{"scan, a file", "scan --region eu-west-1 --vpc-endpoints PIPE", "reads the pipe"},
		{"probe", "probe --connect-timeout 10m --upstream-proxy none SERVER", "connects"},
	} {
		in, out, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		pipe := filepath.Join(dir, strconv.Itoa(i))
		if err := syscall.Mkfifo(pipe, 0o600); err != nil {
			t.Skip("no pipes in the file system here: ", err)
		}
		args := strings.NewReplacer("PIPE", pipe, "CAPTURE", capture, "SERVER", server).Replace(c.args)
		var end *os.File
		if c.until == "writes the pipe" {
			end, err = os.OpenFile(pipe, os.O_RDONLY|syscall.O_NONBLOCK, 0)
		}
		cmd, stderr := started(t, in, strings.Fields(args)...)
		switch c.until {
		case "reads stdin":
			if _, err := out.WriteString("{"); err != nil {
				t.Fatal(err)
			}
			waitUntil(t, c.name, func() bool { return waiting(t, out) == 0 })
		case "reads the pipe":
			end, err = os.OpenFile(pipe, os.O_WRONLY, 0)
		case "writes the pipe":
			waitUntil(t, c.name, func() bool { return waiting(t, end) > 0 })
		case "connects":
			<-accepted
		}
		if err != nil {
			t.Fatal(err)
		}
		_ = cmd.Process.Signal(os.Interrupt)
		said, _ := io.ReadAll(stderr)
		if code := ended(t, cmd); code != exitInterrupted || strings.Contains(string(said), "hint:") {
			t.Errorf("%s: exit %d, %q", c.name, code, said)
		}
		if c.until == "writes the pipe" && string(said) != "detour: interrupted: the export isn't complete\n" {
			t.Errorf("%s: %q", c.name, said)
		}
		_, _, _ = in.Close(), out.Close(), end.Close()
	}
}

// TestInterrupt_anExportThatIsStuckIsSaidToBeIncomplete: its reader has stopped, and a write to stdout can't be
// called off.
func TestInterrupt_anExportThatIsStuckIsSaidToBeIncomplete(t *testing.T) {
	in, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	defer out.Close()
	const setSize, page = 1031, 4096 // F_SETPIPE_SZ of fcntl(2)
	if _, _, err := syscall.Syscall(syscall.SYS_FCNTL, out.Fd(), setSize, page); err != 0 {
		t.Fatal(err)
	}
	var said bytes.Buffer
	cmd := exec.CommandContext(t.Context(), "detour", "export", recordedCalls(t, 2000), "--format", "csv")
	cmd.Stdout, cmd.Stderr = out, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	waitUntil(t, "the export has begun", func() bool { return waiting(t, in) > 0 })
	_ = cmd.Process.Signal(os.Interrupt)
	if code := ended(t, cmd); code != exitInterrupted || said.String() != "detour: interrupted: the export isn't complete\n" {
		t.Errorf("exit %d, %q", code, &said)
	}
}

// TestInterrupt_aFirstSignalEndsARunCleanly: that is how a run ends.
func TestInterrupt_aFirstSignalEndsARunCleanly(t *testing.T) {
	cmd, stderr := started(t, nil, "run", "--ui", "none", "--browser", "none", "--listen", "127.0.0.1:0", "--capture", "none", "--upstream-proxy", "none")
	if _, err := stderr.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Process.Signal(syscall.SIGTERM)
	if code := ended(t, cmd); code != exitDone {
		t.Errorf("exit %d", code)
	}
}
