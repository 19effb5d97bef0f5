package atomicfile

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"detour/internal/interrupt"
)

// TestWrite_writesToAPipe: it isn't replaced, even where files are.
func TestWrite_writesToAPipe(t *testing.T) {
	for _, replace := range []bool{false, true} {
		path := filepath.Join(t.TempDir(), "pipe")
		if err := syscall.Mkfifo(path, 0o600); err != nil {
			t.Skip("no pipes in the file system here: ", err)
		}
		got := make(chan string, 1)
		go func() {
			b, err := os.ReadFile(path)
			got <- fmt.Sprint(string(b), err)
		}()
		if err := Write(path, replace, text("one", nil)); err != nil {
			t.Fatal(err)
		}
		if s := <-got; s != "one<nil>" {
			t.Errorf("the reader has %q", s)
		}
		if info, err := os.Lstat(path); err != nil || info.Mode()&os.ModeNamedPipe == 0 {
			t.Errorf("the pipe is now %v, %v", info.Mode(), err)
		}
	}
}

// TestWrite_neverReplacesADevice: the nodes are the test's own, in its directory.
func TestWrite_neverReplacesADevice(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]struct {
		mode  uint32
		minor int
		want  error
	}{
		"null": {syscall.S_IFCHR, 3, nil}, "full": {syscall.S_IFCHR, 7, syscall.ENOSPC},
	} {
		path := filepath.Join(dir, name)
		if err := syscall.Mknod(path, c.mode|0o600, 1<<8|c.minor); err != nil {
			t.Skip("only root makes devices: ", err)
		}
		if err := Write(path, true, text("one", nil)); !errors.Is(err, c.want) && !errors.Is(err, syscall.EACCES) { // nodev
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if info, err := os.Lstat(path); err != nil || info.Mode()&os.ModeDevice == 0 {
			t.Errorf("%s is now %v, %v", name, info.Mode(), err)
		}
	}
	disk := filepath.Join(dir, "disk")
	if err := syscall.Mknod(disk, syscall.S_IFBLK|0o600, 7<<8|255); err != nil {
		t.Skip("no disks: ", err)
	}
	err := Write(disk, true, func(io.Writer) error { t.Error("it is written to"); return nil })
	if info, serr := os.Lstat(disk); err == nil || serr != nil || info.Mode()&os.ModeDevice == 0 {
		t.Errorf("%v, %v", err, serr)
	}
}

func TestWrite_refusesASocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Skip("no sockets here: ", err)
	}
	defer l.Close()
	if err := Write(path, true, text("one", nil)); err == nil {
		t.Error("it is written to")
	}
	if info, err := os.Lstat(path); err != nil || info.Mode()&os.ModeSocket == 0 {
		t.Errorf("it is now %v, %v", info.Mode(), err)
	}
}

// TestWrite_writesToAnOpenFileByItsNumber: replacing its name would change a link of the system's.
func TestWrite_writesToAnOpenFileByItsNumber(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "x"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	path := fmt.Sprintf("/proc/self/fd/%d", f.Fd())
	if err := Write(path, true, text("one", nil)); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(f.Name()); err != nil || string(b) != "one" {
		t.Errorf("%q, %v", b, err)
	}
}

// TestWriteIn_leavesNothingOfAnInterruptedOne: the program ends while the file is written.
func TestWriteIn_leavesNothingOfAnInterruptedOne(t *testing.T) {
	exits, blocked := make(chan bool), make(chan bool)
	ctx, _, stop := interrupt.New(func() { close(exits) })
	defer stop()
	dir, ended := t.TempDir(), make(chan error)
	release := make(chan bool)
	go func() {
		ended <- WriteIn(ctx, filepath.Join(dir, "x"), false, func(io.Writer) error {
			close(blocked)
			<-release
			return nil
		})
	}()
	<-blocked
	if err := syscall.Kill(os.Getpid(), syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	<-exits
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("%s is left", left[0].Name())
	}
	close(release)
	if err := <-ended; err == nil {
		t.Error("the file is reported as written")
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("%s is left afterwards", left[0].Name())
	}
}
