package intake_test

import (
	"os"
	"path/filepath"
	"testing"

	"detour/internal/aws"
	"detour/internal/intake"
)

// isOpen reports whether this process has a file open (proc_pid_fd(5)).
func isOpen(t *testing.T, path string) bool {
	t.Helper()
	all, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	for _, fd := range all {
		if to, _ := os.Readlink(filepath.Join("/proc/self/fd", fd.Name())); to == path {
			return true
		}
	}
	return false
}

// What was read is closed, as is what will be read again once that is over: Windows replaces no open file.
func TestRead_hasClosedTheFile(t *testing.T) {
	tables, err := aws.Load()
	if err != nil {
		t.Fatal(err)
	}
	r := intake.Reader{Tables: tables, Whole: true}
	har := changedFile(t, filepath.Join("testdata", "judgement", "webkit-half-eni.har"), func(b []byte) []byte { return b })
	for _, path := range []string{har, recordedFrom(t, read(t, tables, har, true)), linesFile(t, linesOf(t, tables, har)...)} {
		if _, err := r.Read(t.Context(), path); err != nil || isOpen(t, path) {
			t.Errorf("%s is open after it was read: %v", path, err)
		}
		s := r.Stream(t.Context(), path)
		if s == nil || !isOpen(t, path) {
			t.Fatalf("%s isn't open", path)
		}
		if s.Close(); isOpen(t, path) {
			t.Errorf("%s is open after it was closed", path)
		}
	}
}
