package filecomplete

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestFiles_areTheNewestCapturesAndThenTheDirectorys(t *testing.T) {
	work := t.TempDir()
	t.Chdir(work)
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	captures := filepath.Join(home, "state", "captures")
	if err := errors.Join(os.MkdirAll(captures, 0o700), os.MkdirAll(filepath.Join(work, "sub dir", "deeper"), 0o700), os.Mkdir(filepath.Join(work, ".git"), 0o700)); err != nil {
		t.Fatal(err)
	}
	old := time.Date(2026, 11, 1, 0, 0, 0, 0, time.Local)
	for i, name := range []string{"c.detour", "a.detour", "b.detour", "own.detour", "notes.txt"} {
		path := filepath.Join(captures, name)
		at := old.Add(time.Duration(i) * time.Hour)
		if err := errors.Join(os.WriteFile(path, nil, 0o600), os.Chtimes(path, at, at)); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"x.har", "y.har.gz", "z.zip", "z.txt.gz", "a.jsonl", "a.png", "sub dir/in.HAR"} {
		if err := os.WriteFile(filepath.Join(work, filepath.FromSlash(name)), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	o := Completer{Captures: captures, Without: filepath.Join(captures, "own.detour")}
	short := func(name string) string {
		return filepath.Join("~", strings.TrimPrefix(filepath.Join(captures, name), home))
	}
	sep := string(filepath.Separator)
	for text, want := range map[string][]string{
		"":                                    {short("b.detour"), short("a.detour"), short("c.detour"), "a.jsonl", "sub dir" + sep, "x.har", "y.har.gz", "z.zip"},
		"a":                                   {short("a.detour"), "a.jsonl"},
		"sub dir" + sep:                       {"deeper" + sep, "in.HAR"},
		".":                                   {".git" + sep},
		"none" + sep:                          nil,
		filepath.Dir(short("a.detour")) + sep: {"a.detour", "b.detour", "c.detour", "own.detour"},
	} {
		c := o.Files(text)
		var got []string
		for _, x := range c.Candidates {
			got = append(got, x.Text)
		}
		if strings.Join(got, "|") != strings.Join(want, "|") || c.From != strings.LastIndex(text, sep)+1 {
			t.Errorf("%q, from %d: %q, want %q", text, c.From, got, want)
		}
	}
	if path := FromHome(short("a.detour")); path != filepath.Join(captures, "a.detour") {
		t.Errorf("~ leads to %s", path)
	}
}
