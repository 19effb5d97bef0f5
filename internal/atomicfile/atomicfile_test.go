package atomicfile

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func text(s string, err error) func(io.Writer) error {
	return func(w io.Writer) error {
		_, werr := io.WriteString(w, s)
		return errors.Join(werr, err)
	}
}

func TestWrite_replacesOnlyWhereAsked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x")
	has := func(want string) {
		t.Helper()
		if b, err := os.ReadFile(path); err != nil || string(b) != want {
			t.Errorf("%q %v, want %q", b, err, want)
		}
	}
	if err := Write(path, false, text("one", nil)); err != nil {
		t.Fatal(err)
	}
	has("one")
	if err := Write(path, false, text("two", nil)); !errors.Is(err, fs.ErrExist) {
		t.Errorf("%v", err)
	}
	has("one")
	if err := Write(path, true, text("three", nil)); err != nil {
		t.Fatal(err)
	}
	has("three")
}

func TestWrite_leavesNothingOfAFailedOne(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x")
	if err := Write(path, true, text("half", errors.New("torn"))); err == nil {
		t.Error("a failed write is reported as done")
	}
	if err := Write(path, true, text("half", context.Canceled)); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("%s is left", left[0].Name())
	}
}
