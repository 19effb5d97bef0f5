package captures

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"detour/internal/capture/disk"
	"detour/internal/flow"
	"detour/internal/onwine"
)

var began = time.Date(2026, 11, 1, 10, 0, 0, 0, time.UTC)

// write makes a capture with one flow and one problem, which began so many days after the first
// one; it is closed unless keep is set.
func write(t *testing.T, path string, day int, h disk.Header, keep bool) *disk.File {
	t.Helper()
	at := began.AddDate(0, 0, day)
	h.Environment = &flow.Environment{Began: at, Simulated: h.Environment != nil}
	f, err := disk.Create(path, h)
	if err != nil {
		t.Fatal(err)
	}
	x := &flow.Flow{
		ID: 1, Rev: 1, State: flow.StateDone, Request: flow.Request{Method: "GET", URL: "https://h.example/"},
		Times: flow.Times{Start: at, Done: at.Add(time.Minute)},
	}
	b := disk.Batch{At: at.Add(time.Minute), Flows: []*flow.Flow{x}, Findings: []flow.Finding{
		{Code: "a", Level: flow.LevelProblem, Title: "h.example doesn't respond"},
		{Code: "b", Level: flow.LevelProblem, Title: "was slow", Resolved: true},
	}}
	if err := f.Write(b); err != nil {
		t.Fatal(err)
	}
	if keep {
		t.Cleanup(func() { _ = f.Close() })
		return f
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	written(t, path, at.Add(time.Minute))
	return nil
}

func written(t *testing.T, path string, at time.Time) {
	t.Helper()
	if err := os.Chtimes(path, at, at); err != nil {
		t.Fatal(err)
	}
}

// directory has a capture of each kind, and files that aren't ours.
func directory(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	write(t, in("old.detour"), 0, disk.Header{}, false)
	write(t, in("demo.detour"), 1, disk.Header{Environment: &flow.Environment{}, RawSecrets: true}, false)
	live := write(t, in("live.detour"), 2, disk.Header{}, true)
	// What a killed run leaves: the file and its log, which nobody locks.
	for _, end := range []string{"", "-wal"} {
		b, err := os.ReadFile(live.Path + end)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(in("killed.detour"+end), b, 0o600); err != nil {
			t.Fatal(err)
		}
		written(t, in("killed.detour"+end), began.AddDate(0, 0, 2))
		written(t, live.Path+end, began)
	}
	torn, err := os.ReadFile(in("old.detour"))
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{
		"torn.detour": torn[:60], "foreign.detour": []byte(strings.Repeat("not ours ", 30)), "empty.detour": nil, "notes.txt": nil, "old.detour.bak": torn,
	} {
		if err := os.WriteFile(in(name), b, 0o600); err != nil {
			t.Fatal(err)
		}
		written(t, in(name), began)
	}
	if err := os.Mkdir(in("sub.detour"), 0o700); err != nil {
		t.Fatal(err)
	}
	outside := filepath.Join(t.TempDir(), "outside.detour")
	write(t, outside, 0, disk.Header{}, false)
	if err := os.Symlink(outside, in("link.detour")); err != nil {
		t.Log(err) // Windows may not allow it
	}
	return dir
}

func names(dir string) (out []string) {
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

// missing are the captures of directory that a directory doesn't have.
func missing(dir string) (out []string) {
	for _, name := range []string{"old.detour", "demo.detour", "killed.detour", "torn.detour", "live.detour"} {
		if _, err := os.Lstat(filepath.Join(dir, name)); err != nil {
			out = append(out, name)
		}
	}
	return out
}

func TestList_saysWhatEachFileIs(t *testing.T) {
	all, err := List(t.Context(), directory(t), 0)
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[string]*Capture)
	for _, c := range all {
		got[c.Name()] = c
	}
	for name, want := range map[string]State{
		"old.detour": Ended, "demo.detour": Ended, "live.detour": Live, "killed.detour": Killed, "torn.detour": Damaged, "foreign.detour": Foreign,
		"empty.detour": Foreign,
	} {
		c := got[name]
		if c == nil || c.State != want || (c.Why != "") != (want == Damaged || want == Foreign) || strings.Contains(c.Why, "/") {
			t.Errorf("%s: %+v, want %s", name, c, want)
		}
	}
	if len(got) != 7 {
		t.Errorf("%d are listed: %v", len(got), got)
	}
	old := got["old.detour"]
	if old.Flows != 1 || old.Lasted() != time.Minute || !old.Began.Equal(began) || len(old.Problems) != 1 || old.Notices != 1 || old.Pending != 0 {
		t.Errorf("%+v", old)
	}
	if d := got["demo.detour"]; !d.Simulated || !d.RawSecrets || !strings.HasPrefix(d.Remarks(), "SECRETS STORED; demo; h.example doesn't respond") {
		t.Errorf("%+v, %s", d, d.Remarks())
	}
	if got["live.detour"].Size <= old.Size {
		t.Error("the size of a capture is without its log")
	}
	if last := all[len(all)-1]; all[0].When().Before(last.When()) {
		t.Error("the newest isn't first")
	}
	if first := Offered(all)[0]; first.State != Live {
		t.Errorf("%s is offered first", first.Name())
	}
	if none, err := List(t.Context(), filepath.Join(t.TempDir(), "none"), 0); none != nil || err != nil {
		t.Errorf("%v, %v", none, err)
	}
}

func age(t *testing.T, text string) (a Age) {
	t.Helper()
	if err := a.Set(text); err != nil {
		t.Fatal(err)
	}
	return a
}

// run runs a command a year later.
func run(t *testing.T, c Command) (out, told string, err error) {
	t.Helper()
	var o, e bytes.Buffer
	c.Out, c.Err, c.Now = &o, &e, began.AddDate(1, 0, 0)
	err = c.Run(t.Context())
	return o.String(), e.String(), err
}

func TestCommand_removesOnlyOldCapturesThatNobodyWrites(t *testing.T) {
	onwine.Skip(t, "shows a symbolic link as what it points to")
	dir := directory(t)
	_, told, err := run(t, Command{Dir: dir, Older: age(t, "1d"), Yes: true})
	if err != nil || !strings.Contains(told, "removed 4 captures") {
		t.Errorf("%v: %s", err, told)
	}
	want := "empty.detour foreign.detour link.detour live.detour live.detour-shm live.detour-wal notes.txt old.detour.bak sub.detour"
	if got := strings.Join(names(dir), " "); got != want {
		t.Errorf("what is left: %s", got)
	}
	if _, err := os.Stat(filepath.Join(dir, "link.detour")); err != nil {
		t.Error("what a link points to was removed")
	}
}

func TestCommand_withoutConsentItOnlyLists(t *testing.T) {
	for name, c := range map[string]Command{
		"in a script":            {},
		"in a script, with JSON": {JSON: true},
		"after Enter":            {Ask: strings.NewReader("\n")},
		"JSON isn't asked":       {JSON: true, Ask: strings.NewReader("y\n")},
	} {
		dir := directory(t)
		c.Dir, c.Older = dir, age(t, "1h")
		out, told, err := run(t, c)
		if err != nil || missing(dir) != nil || !strings.Contains(out, "old.detour") {
			t.Errorf("%s: %v, %s%s", name, err, out, told)
		}
		if !c.JSON && !strings.Contains(told, "nothing was removed") {
			t.Errorf("%s: %s", name, told)
		}
	}
	dir := directory(t)
	if _, told, err := run(t, Command{Dir: dir, Older: age(t, "1h"), Ask: strings.NewReader("y\n")}); err != nil ||
		!strings.Contains(told, "remove 4 captures (") || !strings.Contains(told, "removed 4 captures") {
		t.Errorf("%v: %s", err, told)
	}
}

func TestCommand_writesARecordForEach(t *testing.T) {
	out, _, err := run(t, Command{Dir: directory(t), JSON: true, Older: age(t, "1h"), Yes: true})
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	for _, l := range lines {
		var r Record
		if err := json.Unmarshal([]byte(l), &r); err != nil || !r.Removed || r.Failure != "" || r.State == Live || r.Size == 0 {
			t.Errorf("%s: %v", l, err)
		}
	}
	if len(lines) != 4 {
		t.Errorf("%d lines", len(lines))
	}
}

func TestRemove_refusesWhatChangedSinceItWasListed(t *testing.T) {
	dir := directory(t)
	all, err := List(t.Context(), dir, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		switch c.Name() {
		case "live.detour":
			c.State = Killed // it was, when it was listed
			if gone, err := Remove(c); gone || !errors.Is(err, errLive) {
				t.Errorf("a live one: %v, %v", gone, err)
			}
		case "old.detour":
			if err := os.Rename(c.Path, c.Path+".moved"); err != nil {
				t.Fatal(err)
			}
			if gone, err := Remove(c); gone || !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("a moved one: %v, %v", gone, err)
			}
			write(t, c.Path, 5, disk.Header{}, false)
			if gone, err := Remove(c); gone || !errors.Is(err, errOther) {
				t.Errorf("another file: %v, %v", gone, err)
			}
		case "foreign.detour":
			if gone, err := Remove(c); gone || !errors.Is(err, errForeign) {
				t.Errorf("a foreign one: %v, %v", gone, err)
			}
		}
	}
}

func TestAge_takesDaysAndWeeks(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"30d": 30 * 24 * time.Hour, "2w": 14 * 24 * time.Hour, "1d12h": 36 * time.Hour, "90m": 90 * time.Minute, "0.5d": 12 * time.Hour, "1h30m": 90 * time.Minute,
		"": 0, "30": 0, "d": 0, "-1d": 0, "0d": 0, "1y": 0, "1e9d": 0, "99999999999w": 0, "1.2.3d": 0, "3 d": 0, "1ms": 0, "٣d": 0,
	} {
		var a Age
		if err := a.Set(text); (err == nil) != (want > 0) || a.Duration != want {
			t.Errorf("%q: %v, %v", text, a.Duration, err)
		}
	}
	if a := age(t, "1d12h"); a.String() != "1d12h" {
		t.Error(a.String())
	}
}
