package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestExport_replacesWhatItReads: Windows refuses that as long as the file is open.
func TestExport_replacesWhatItReads(t *testing.T) {
	from := recordedCalls(t, 3)
	dir := t.TempDir()
	exports := func(args ...string) {
		t.Helper()
		var out, errs bytes.Buffer
		if code := run(append([]string{"export"}, args...), &out, &errs); code != exitDone {
			t.Fatalf("%q: exit %d, %s", args, code, errs.String())
		}
	}
	for _, format := range []string{"har", "jsonl"} {
		path := filepath.Join(dir, "x."+format)
		exports(from, "-o", path)
		before, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		exports(path, "-o", path, "--force")
		after, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if count := []byte("console.aws.amazon.com/"); len(after) == 0 || bytes.Count(after, count) != bytes.Count(before, count) {
			t.Errorf("%s: %s\n%s", format, before, after)
		}
	}
	exports(from, "--format", "jsonl", "-o", from, "--force")
	if left, err := os.ReadDir(dir); err != nil || len(left) != 2 {
		t.Errorf("%v, %v", left, err)
	}
}
