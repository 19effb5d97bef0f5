package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"detour/ui"
)

func TestViewFile_keepsOneViewOfAName(t *testing.T) {
	f := viewFile(filepath.Join(t.TempDir(), "state", "views"))
	if got := f.load(); got != nil {
		t.Errorf("without a file there are %v", got)
	}
	for _, v := range []ui.SavedView{{Name: "stuck", Filter: "tcp:timeout"}, {Name: "my logs", Filter: "logs"}, {Name: "stuck", Filter: "tcp:timeout origin:direct"}} {
		if err := f.save(v); err != nil {
			t.Fatal(err)
		}
	}
	want := []ui.SavedView{{Name: "stuck", Filter: "tcp:timeout origin:direct"}, {Name: "my logs", Filter: "logs"}}
	if got := f.load(); !slices.Equal(got, want) {
		t.Errorf("kept are %v, want %v", got, want)
	}
	info, err := os.Stat(string(f))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v: it is for others, too: %v", err, info.Mode())
	}
	for _, v := range []ui.SavedView{{Name: "a\nb", Filter: "x"}, {Name: "a", Filter: "x\nb\ty"}, {Name: "", Filter: "x"}, {Name: "a\x1b", Filter: "x"}} {
		if err := f.save(v); err == nil {
			t.Errorf("%q is saved", v)
		}
	}
	if got := f.load(); !slices.Equal(got, want) {
		t.Errorf("kept are %v, want %v", got, want)
	}
}

func FuzzParseViews(f *testing.F) {
	f.Add("stuck\ttcp:timeout\nno view\n\t\nstuck\tlogs\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		views := parseViews(text)
		var b strings.Builder
		for _, v := range views {
			b.WriteString(viewLine(v))
		}
		if again := parseViews(b.String()); !slices.Equal(again, views) {
			t.Errorf("%q is read as %q, and that as %q", text, views, again)
		}
	})
}
