//go:build !windows

package browser

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// ended is the id of a process that has ended.
func ended(t *testing.T) int {
	t.Helper()
	c := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
	if err := c.Run(); err != nil {
		t.Fatal(err)
	}
	return c.Process.Pid
}

func TestHeldBy_goesByHostAndProcess(t *testing.T) {
	host, err := os.Hostname()
	if err != nil {
		t.Skip(err)
	}
	here := &Holder{PID: os.Getpid()}
	for name, tc := range map[string]struct {
		link, to string
		want     *Holder
	}{
		"Chromium":                          {"SingletonLock", fmt.Sprintf("%s-%d", host, os.Getpid()), here},
		"Chromium was killed":               {"SingletonLock", fmt.Sprintf("%s-%d", host, ended(t)), nil},
		"Chromium on another computer":      {"SingletonLock", "other-than-this-4711", &Holder{4711, "other-than-this"}},
		"Firefox":                           {"lock", fmt.Sprintf("127.0.1.1:+%d", os.Getpid()), here},
		"Firefox was killed":                {"lock", fmt.Sprintf("127.0.1.1:+%d", ended(t)), nil},
		"Firefox on another computer":       {"lock", "192.0.2.77:+4711", &Holder{4711, "192.0.2.77"}},
		"a link that is neither browser's":  {"lock", "somewhere", nil},
		"a process that can't be":           {"SingletonLock", host + "-0", nil},
		"a link of which nothing is a word": {"SingletonLock", "-", nil},
	} {
		dir := t.TempDir()
		if err := os.Symlink(tc.to, filepath.Join(dir, tc.link)); err != nil {
			t.Skip(err)
		}
		got := HeldBy(dir)
		if (got == nil) != (tc.want == nil) || got != nil && *got != *tc.want {
			t.Errorf("%s: %+v, want %+v", name, got, tc.want)
		}
	}
	if got := HeldBy(filepath.Join(t.TempDir(), "none")); got != nil {
		t.Errorf("no profile at all: %+v", got)
	}
}
