package main

import (
	"bytes"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
)

// TestExport_aDashAsOutputIsStdout: in every format, and so are the system's names for it.
func TestExport_aDashAsOutputIsStdout(t *testing.T) {
	path := recordedCalls(t, 3)
	t.Chdir(t.TempDir())
	for _, format := range []string{"har", "jsonl", "md", "html", "csv", "bundle"} {
		var want, got, errs bytes.Buffer
		run([]string{"export", path, "--format", format}, &want, &errs)
		for _, out := range []string{"-", "/dev/stdout", "/dev/fd/1"} {
			got.Reset()
			if code := run([]string{"export", path, "--format", format, "-o", out}, &got, &errs); code != exitDone || got.String() != want.String() || got.Len() == 0 {
				t.Errorf("%s to %s: exit %d, %d bytes, want %d: %s", format, out, code, got.Len(), want.Len(), errs.String())
			}
		}
	}
	if left, _ := os.ReadDir("."); len(left) > 0 {
		t.Errorf("%s is written", left[0].Name())
	}
	var out, errs bytes.Buffer
	if code := run([]string{"export", path, "-o", "-"}, &out, &errs); code != exitUsage || !strings.Contains(errs.String(), "--format is missing") {
		t.Errorf("exit %d: %s", code, errs.String())
	}
	errs.Reset()
	if code := run([]string{"export", path, "-o", "report"}, &out, &errs); code != exitUsage || !strings.Contains(errs.String(), "--format is missing: report") {
		t.Errorf("without an extension: exit %d, %s", code, errs.String())
	}
}

// TestExport_writesToWhatAPathStandsFor: a pipe by its number.
func TestExport_writesToWhatAPathStandsFor(t *testing.T) {
	if _, err := os.Stat("/dev/fd/0"); err != nil || runtime.GOOS == "windows" {
		t.Skip("there is no /dev/fd")
	}
	path := recordedCalls(t, 3)
	script := `detour export "$1" --format csv -o /dev/fd/3 3>&1 | wc -l`
	out, err := exec.CommandContext(t.Context(), "sh", "-c", script, "sh", path).CombinedOutput()
	if err != nil || strings.TrimSpace(string(out)) != "4" {
		t.Errorf("%v: %s", err, out)
	}
}
