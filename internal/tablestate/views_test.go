package tablestate

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"detour/ui"
)

func TestViewFile_keepsOneViewOfAName(t *testing.T) {
	f := ViewFile(filepath.Join(t.TempDir(), "state", "views"))
	if got := f.Load(); got != nil {
		t.Errorf("without a file there are %v", got)
	}
	whole := ui.SavedView{Name: "all of it", Digit: 9, Base: "calls", Filter: "x", Group: "host", Sort: "total up", Columns: "+note -dns"}
	for _, v := range []ui.SavedView{
		{Name: "stuck", Filter: "tcp:timeout"},
		{Name: "my logs", Digit: 9, Filter: "logs"},
		whole,
		{Name: "stuck", Filter: "tcp:timeout origin:direct"},
		{Name: "hosts of mine", Group: "host"},
	} {
		if err := f.Save(v); err != nil {
			t.Fatal(err)
		}
	}
	want := []ui.SavedView{{Name: "stuck", Filter: "tcp:timeout origin:direct"}, {Name: "my logs", Filter: "logs"}, whole, {Name: "hosts of mine", Group: "host"}}
	if got := f.Load(); !slices.Equal(got, want) {
		t.Errorf("kept are %v, want %v", got, want)
	}
	info, err := os.Stat(string(f))
	if err != nil || info.Mode().Perm() != 0o600 && runtime.GOOS != "windows" {
		t.Errorf("%v: it is for others, too: %v", err, info.Mode())
	}
	for _, v := range []ui.SavedView{{Name: "a\nb", Filter: "x"}, {Name: "a", Filter: "x\nb\ty"}, {Name: "", Filter: "x"}, {Name: "a\x1b", Filter: "x"}, {Name: "a", Sort: "total\tdigit=3"}} {
		if err := f.Save(v); err == nil {
			t.Errorf("%+v is saved", v)
		}
	}
	if got := f.Load(); !slices.Equal(got, want) {
		t.Errorf("kept are %v, want %v", got, want)
	}
}

func TestViewFile_forgets(t *testing.T) {
	f := ViewFile(filepath.Join(t.TempDir(), "views"))
	for _, name := range []string{"a", "b"} {
		if err := f.Save(ui.SavedView{Name: name, Filter: "x"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Forget("a"); err != nil {
		t.Fatal(err)
	}
	if got := f.Load(); len(got) != 1 || got[0].Name != "b" {
		t.Errorf("kept are %v, want b alone", got)
	}
}

func FuzzParseViews(f *testing.F) {
	f.Add("a\t\tdigit=9\tview=calls\tsort=total up\nb\tx\tdigit=9\tlater=x\n")
	f.Add("stuck\ttcp:timeout\nno view\n\t\nstuck\tlogs\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		views := parseViews(text)
		var b strings.Builder
		for _, v := range views {
			b.WriteString(viewLine(v))
		}
		if again := parseViews(b.String()); !slices.Equal(again, views) {
			t.Errorf("%q is read as %+v, and that as %+v", text, views, again)
		}
	})
}
