package atomicfile

import (
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestStreamName_isOneWithAColon(t *testing.T) {
	for path, want := range map[string]bool{
		`\a\b.har`: false, "b.har": false, "a:b": true, `\dir\a.har:b`: true, "a::$DATA": true, `\a:b\c.har`: true, "": false,
	} {
		if err := streamName(path); (err != nil) != want {
			t.Errorf("%s: %v, want one: %v", path, err, want)
		}
	}
}

func TestWrite_writesToNoStream(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a:b")
	err := Write(path, false, func(w io.Writer) error { _, err := io.WriteString(w, "x"); return err })
	left, _ := os.ReadDir(dir)
	switch {
	case runtime.GOOS == "windows" && (err == nil || !strings.Contains(err.Error(), "colon") || len(left) != 0):
		t.Errorf("%v, and in its directory %v", err, left)
	case runtime.GOOS != "windows" && (err != nil || len(left) != 1):
		t.Errorf("elsewhere, it is a name like others: %v, %v", err, left)
	}
}

func TestWrite_saysOfADirectoryThatItIsOne(t *testing.T) {
	dir := t.TempDir()
	err := Write(dir, true, func(w io.Writer) error { _, err := io.WriteString(w, "x"); return err })
	if err == nil || !strings.Contains(err.Error(), "it is a directory") {
		t.Errorf("%v", err)
	}
}
