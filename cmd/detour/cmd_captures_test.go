package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"detour/internal/capture/disk"
)

// saved makes a capture in the state directory.
func saved(t *testing.T, name string) (path string) {
	t.Helper()
	if err := os.MkdirAll(capturesDir(), 0o700); err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(capturesDir(), name)
	f, err := disk.Create(path, disk.Header{})
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func TestOpen_withoutAFileOrATerminalNamesTheNewest(t *testing.T) {
	privateHome(t)
	var out, told bytes.Buffer
	if code := run([]string{"open"}, &out, &told); code != exitUsage || !strings.Contains(told.String(), "there is no capture in "+capturesDir()) {
		t.Errorf("exit %d, %s", code, told.String())
	}
	path := saved(t, "2026-11-24T104500.detour")
	told.Reset()
	if code := run([]string{"open"}, &out, &told); code != exitUsage || !strings.Contains(told.String(), "hint: the newest is "+path) || out.Len() > 0 {
		t.Errorf("exit %d, %s", code, told.String())
	}
}

// TestCaptures_aScriptRemovesOnlyWithYesOnItsCommandLine: a variable or the configuration file
// can't say it for all runs to come.
func TestCaptures_aScriptRemovesOnlyWithYesOnItsCommandLine(t *testing.T) {
	privateHome(t)
	path := saved(t, "a.detour")
	t.Setenv("DETOUR_YES", "true")
	for _, tc := range []struct {
		args string
		code int
		says string
	}{
		{"captures", exitDone, "1 capture ("},
		{"captures --yes", exitUsage, "--yes removes nothing without --older-than"},
		{"captures --older-than 5y", exitUsage, `"5y" is not an age`},
		{"captures --older-than 1d --yes", exitDone, "none of 1 capture ("},
		{"captures --older-than 0.001s", exitDone, "nothing was removed; --yes removes what is listed"},
		{"captures x", exitUsage, "takes no arguments"},
	} {
		var out, told bytes.Buffer
		code := run(strings.Fields(tc.args), &out, &told)
		if _, err := os.Stat(path); code != tc.code || !strings.Contains(told.String(), tc.says) || err != nil {
			t.Errorf("%s: exit %d, %s%v", tc.args, code, told.String(), err)
		}
	}
	var out, told bytes.Buffer
	if code := run(strings.Fields("captures --older-than 0.001s --yes"), &out, &told); code != exitDone {
		t.Errorf("exit %d, %s", code, told.String())
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("nothing was removed")
	}
}
