package dirlock

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// TestMain is also, for the tests, a process that takes the lock of a directory.
func TestMain(m *testing.M) {
	if dir := os.Getenv("LEASE_OF"); dir != "" {
		l, err := Take(dir)
		if err != nil {
			os.Exit(1)
		}
		time.Sleep(time.Minute) // until it is killed
		l.Release()             // a lock that nothing refers to is closed by the collector
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// holding is a process that has the lock of dir; kill kills it.
func holding(t *testing.T, dir string) (pid int, kill func()) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0]) //nolint:gosec // this test
	cmd.Env = append(os.Environ(), "LEASE_OF="+dir)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill = func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	t.Cleanup(kill)
	for deadline := time.Now().Add(time.Minute); Of(dir) != Held || holder(filepath.Join(dir, file)) == 0; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it isn't taken")
		}
	}
	return cmd.Process.Pid, kill
}

func TestTake_oneHasItAtATime(t *testing.T) {
	dir := t.TempDir()
	if s := Of(dir); s != Unknown {
		t.Errorf("before anybody had it: %v", s)
	}
	l, err := Take(dir)
	if err != nil {
		t.Fatal(err)
	}
	var held *HeldError
	if _, err := Take(dir); !errors.As(err, &held) || held.PID != os.Getpid() {
		t.Errorf("taken twice: %v", err)
	}
	if s := Of(dir); s != Held {
		t.Errorf("while it is held: %v", s)
	}
	l.Release()
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("left %v", left)
	}
	if l, err = Take(dir); err != nil {
		t.Fatal(err)
	}
	l.Release()
}

func TestTake_aKilledProcessHasItNoMore(t *testing.T) {
	dir := t.TempDir()
	pid, kill := holding(t, dir)
	var held *HeldError
	if _, err := Take(dir); !errors.As(err, &held) || held.PID != pid {
		t.Errorf("while it runs: %v, want process %d", err, pid)
	}
	kill()
	if s := Of(dir); s != Orphaned {
		t.Errorf("after its end: %v", s)
	}
	l, err := Take(dir)
	if err != nil {
		t.Fatal(err)
	}
	l.Release()
}

func TestSweep_removesWhatKilledProcessesLeftAndNothingElse(t *testing.T) {
	top := t.TempDir()
	for _, name := range []string{"p-killed", "p-held", "p-nobodys", "other"} {
		if err := os.MkdirAll(filepath.Join(top, name, "below"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	_, kill := holding(t, filepath.Join(top, "p-killed"))
	kill()
	_, kill = holding(t, filepath.Join(top, "other"))
	kill()
	holding(t, filepath.Join(top, "p-held"))
	if got, want := Sweep(filepath.Join(top, "p-*")), []string{filepath.Join(top, "p-killed")}; !slices.Equal(got, want) {
		t.Errorf("removed %v, want %v", got, want)
	}
	left, _ := os.ReadDir(top)
	if len(left) != 3 {
		t.Errorf("left %v", left)
	}
}

// The directory for temporary files is everybody's: what another user puts there could lead
// root astray.
func TestSweep_leavesDirectoriesOfOtherUsers(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root, to give a directory away")
	}
	dir := filepath.Join(t.TempDir(), "p-anothers")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	_, kill := holding(t, dir)
	kill()
	if err := os.Chown(dir, 65534, -1); err != nil {
		t.Fatal(err)
	}
	if got := Sweep(dir); got != nil {
		t.Errorf("removed %v", got)
	}
}
