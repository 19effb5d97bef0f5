package disk

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"testing/synctest"

	"detour/internal/capture"
	"detour/internal/flow"
)

// inFull has the directory, in the process that TestRecorder_goesOnAtTheEndOfADisk starts.
const inFull = "DETOUR_TEST_FULL_DISK"

// TestRecorder_goesOnAtTheEndOfADisk has one of half a mebibyte for itself: a tmpfs
// that nobody else sees.
func TestRecorder_goesOnAtTheEndOfADisk(t *testing.T) {
	if dir := os.Getenv(inFull); dir != "" {
		synctest.Test(t, func(t *testing.T) { atTheEndOf(t, dir) })
		return
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestRecorder_goesOnAtTheEndOfADisk$", "-test.v") //nolint:gosec // ourselves
	cmd.Env = append(os.Environ(), inFull+"="+t.TempDir())
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		t.Skip("only root may mount: ", err)
	}
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func atTheEndOf(t *testing.T, dir string) {
	mount := func(flags uintptr, size string) {
		if err := syscall.Mount("tmpfs", dir, "tmpfs", flags, "size="+size); err != nil {
			t.Skip("no tmpfs can be mounted here: ", err)
		}
	}
	mount(0, "512k")
	store := capture.New(capture.Options{})
	f, err := Create(filepath.Join(dir, "run.detour"), Header{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := Record(store, f, RecorderOptions{})
	fillUp(t, store, r, "can't write")
	mount(syscall.MS_REMOUNT, "64m")
	hasRoomAgain(t, store, f, r)
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if err := read(t.Context(), f.Path); err != nil {
		t.Error(err)
	}
}

// TestCreate_saysWhereNothingCanBeMade: root may write anywhere but where nobody may.
func TestCreate_saysWhereNothingCanBeMade(t *testing.T) {
	dir := "/proc"
	if os.Geteuid() != 0 {
		dir = t.TempDir()
		if err := os.Chmod(dir, 0o500); err != nil { //nolint:gosec // that is the case
			t.Fatal(err)
		}
	}
	if f, err := Create(filepath.Join(dir, "run.detour"), Header{}); err == nil {
		_ = f.Close()
		t.Error("a file is made there")
	}
}

// TestOpen_readsWhereNoFileCanBeMade: a killed capture that was copied without its
// log, into a directory that is read-only.
func TestOpen_readsWhereNoFileCanBeMade(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may write anywhere")
	}
	f := create(t)
	write(t, f, Batch{Flows: []*flow.Flow{stuck(1)}})
	if _, err := f.db.Exec("PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(f.Path)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "run.detour")
	if err := errors.Join(os.WriteFile(path, b, 0o400), os.Chmod(dir, 0o500)); err != nil { //nolint:gosec // that is the case
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(dir, 0o700) }) //nolint:gosec // so that it can be removed
	if n := count(t, reopened(t, Open, path), ""); n != 1 {
		t.Errorf("%d flows", n)
	}
}
