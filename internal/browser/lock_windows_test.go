package browser

import (
	"path/filepath"
	"testing"

	"golang.org/x/sys/windows"
)

func TestHeldBy_goesByTheFileThatNobodyElseMayOpen(t *testing.T) {
	for _, name := range []string{"lockfile", "parent.lock"} {
		dir := t.TempDir()
		if got := HeldBy(dir); got != nil {
			t.Errorf("without %s: %+v", name, got)
		}
		path, err := windows.UTF16PtrFromString(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		h, err := windows.CreateFile(path, windows.GENERIC_WRITE, 0, nil, windows.CREATE_ALWAYS, 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := HeldBy(dir); got == nil || got.PID != 0 {
			t.Errorf("while %s is open: %+v", name, got)
		}
		_ = windows.CloseHandle(h)
		if got := HeldBy(dir); got != nil {
			t.Errorf("a %s that is left: %+v", name, got)
		}
	}
}
