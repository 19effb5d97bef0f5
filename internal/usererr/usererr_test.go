package usererr

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

func TestAs_findsTheHintThroughWrapping(t *testing.T) {
	err := fmt.Errorf("--log: %w", Flagf("log", "name another", "can't open %s: %w", "x", fs.ErrExist))
	e := As(err)
	if e == nil || e.Hint != "name another" || e.Class != Usage || len(e.Flags) != 1 || !errors.Is(err, fs.ErrExist) {
		t.Errorf("%+v", e)
	}
	if As(errors.New("plain")) != nil || As(nil) != nil {
		t.Error("an error without a hint has one")
	}
}

func TestInOneLine_addsTheHint(t *testing.T) {
	if got := InOneLine(Failf("do that", "it failed")).Error(); got != "it failed; do that" {
		t.Error(got)
	}
	if got := InOneLine(errors.New("plain")).Error(); got != "plain" {
		t.Error(got)
	}
}

func TestCantWrite_namesThePathThatWasAskedFor(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "no", "x.har")
	e := CantWrite(path, &fs.PathError{Op: "open", Path: filepath.Join(dir, "no", ".tmp-1"), Err: fs.ErrNotExist})
	if !strings.Contains(e.Error(), path) || strings.Contains(e.Error(), ".tmp-1") || !strings.Contains(e.Hint, "there is no directory") {
		t.Errorf("%v; %s", e, e.Hint)
	}
	e = CantWrite(dir, fs.ErrExist)
	if !strings.Contains(e.Error(), "it is a directory") || e.Hint != "give the name of a file in it" {
		t.Errorf("%v; %s", e, e.Hint)
	}
}
