package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"detour/internal/alias"
	"detour/internal/capture/disk"
	"detour/internal/flow"
	"detour/internal/intake"
	"detour/internal/onwine"
	replay "detour/internal/recorded" // a function of this package has the name
)

// chromeStory is a HAR of the story, with its timeouts.
func chromeStory(t *testing.T) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("..", "..", "internal", "har", "testdata", "chrome-story.har"))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// demos are captures of finished demos, by their flags: func() ([]byte, error). A demo takes seconds.
var demos sync.Map

// demoCapture returns the test's own copy of the capture of a demo with these flags.
func demoCapture(t *testing.T, flags ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "demo.detour")
	recorded, _ := demos.LoadOrStore(strings.Join(flags, " "), sync.OnceValues(func() ([]byte, error) {
		var errs bytes.Buffer
		if code := run(append([]string{"demo", "--ui", "none", "--capture", path}, flags...), io.Discard, &errs); code != exitDone {
			return nil, fmt.Errorf("exit %d: %s", code, errs.String())
		}
		return os.ReadFile(path)
	}))
	b, err := recorded.(func() ([]byte, error))()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// answeredAfter is a capture in which each response took this long. How long one of the demo takes depends on
// how busy the machine is.
func answeredAfter(t *testing.T, took time.Duration, path string) string {
	t.Helper()
	file, err := disk.Edit(path)
	if err != nil {
		t.Fatal(err)
	}
	var b disk.Batch
	_, err = file.Flows(t.Context(), disk.Query{Bodies: true}, func(f *flow.Flow) error {
		if f.Response != nil {
			f.Rev++
			f.Times.Done = f.Times.Start.Add(took)
			b.Flows = append(b.Flows, f)
		}
		return nil
	})
	if err := errors.Join(err, file.Write(b), file.Close()); err != nil || len(b.Flows) == 0 {
		t.Fatal(len(b.Flows), err)
	}
	return path
}

// copied is another file of the same contents.
func copied(t *testing.T, path string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "copy"+filepath.Ext(path))
	b, err := os.ReadFile(path)
	if err := errors.Join(err, os.WriteFile(to, b, 0o600)); err != nil {
		t.Fatal(err)
	}
	return to
}

// comparing is what detour open compares with.
func comparing(t *testing.T, path string) comparison {
	t.Helper()
	tables, err := (&endpointServiceOptions{}).tables()
	if err != nil {
		t.Fatal(err)
	}
	got, err := intake.Reader{Tables: tables, Whole: true, Max: maxOpened}.Read(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	return comparison{exporterOf(replay.Of(replay.Config{}, got), new(alias.Table), exportWriter(tables)), tables}
}

// TestComparison_saysWhatDetourDiffSays: of a capture of the demo and a HAR.
func TestComparison_saysWhatDetourDiffSays(t *testing.T) {
	healthy, har := answeredAfter(t, 50*time.Millisecond, demoCapture(t, "--healthy")), chromeStory(t)
	for _, c := range []struct {
		before, shown string
		worse         bool
	}{{har, healthy, false}, {healthy, har, true}} {
		got, err := comparing(t, c.shown).with(t.Context(), c.before)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if code := run([]string{"diff", c.before, c.shown}, &out, io.Discard); (code == exitProblems) != c.worse {
			t.Errorf("detour diff exits with %d", code)
		}
		if got.Text != out.String() {
			t.Errorf("the screen says\n%s\ndetour diff says\n%s", got.Text, out.String())
		}
		if got.Worse != c.worse || !strings.HasPrefix(got.A, c.before+": ") || !strings.HasPrefix(got.B, c.shown+": ") || !strings.HasSuffix(got.Text, got.Verdict+"\n") {
			t.Errorf("%q and %q: %q, worse %v", got.A, got.B, got.Verdict, got.Worse)
		}
		if len(got.Hosts) == 0 || got.Hosts[0].Lines[0].Host != "logs.ap-northeast-1.amazonaws.com" {
			t.Errorf("the hosts are %+v", got.Hosts)
		}
	}
}

func TestComparison_leavesOpenWhatIsUnderWay(t *testing.T) {
	x := comparing(t, chromeStory(t))
	f := *x.store.Flows()[0]
	f.ID, f.Rev, f.State, f.Response, f.Failure, f.Times = 1000, 1, flow.StateConnecting, nil, nil, flow.Times{Start: time.Now()}
	f.Request.URL = "https://logs.eu-west-1.amazonaws.com/"
	x.store.Put(f)
	got, err := x.with(t.Context(), copied(t, chromeStory(t)))
	if err != nil || got.Worse || !strings.Contains(got.Text, "+ unknown (1×)") {
		t.Errorf("%v, worse %v:\n%s", err, got.Worse, got.Text)
	}
}

func TestComparison_saysOfAMistakeWhatToDo(t *testing.T) {
	dir := t.TempDir()
	own := chromeStory(t)
	text, torn := filepath.Join(dir, "text.har"), filepath.Join(dir, "torn.har")
	b, err := os.ReadFile(own)
	if err := errors.Join(err, os.WriteFile(text, []byte("\x1b[2Jhello"), 0o600), os.WriteFile(torn, b[:len(b)*2/3], 0o600)); err != nil {
		t.Fatal(err)
	}
	x := comparing(t, own)
	for path, want := range map[string]string{
		filepath.Join(dir, "none.har"): "no such file; Tab lists the files",
		dir:                            "it is a directory; Tab lists its files",
		os.DevNull:                     "it isn't a regular file; choose a capture or a HAR",
		text:                           "; choose a capture or a HAR",
		own:                            "it is the one on the screen; choose another",
	} {
		if _, err := x.with(t.Context(), path); err == nil || !strings.HasSuffix(err.Error(), want) || strings.ContainsAny(err.Error(), "\n\x1b") || strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", path, err)
		}
	}
	got, err := x.with(t.Context(), torn)
	if err != nil || len(got.Notes) == 0 || !strings.Contains(got.Notes[0], "everything before that was read") {
		t.Errorf("a torn file: %v, %q", err, got.Notes)
	}
}

func TestComparison_knowsTheFileOnTheScreenBehindALink(t *testing.T) {
	onwine.Skip(t, "makes links that lead nowhere")
	own, link := chromeStory(t), filepath.Join(t.TempDir(), "link.har")
	if err := os.Symlink(own, link); err != nil {
		t.Skip(err) // Windows: not everybody may make links
	}
	if _, err := comparing(t, own).with(t.Context(), link); err == nil || !strings.HasSuffix(err.Error(), "it is the one on the screen; choose another") {
		t.Error(err)
	}
}

// An endless HAR has entries without end. It calls off when some have been read.
type endless struct {
	sent int
	off  func()
}

func (e *endless) Read(b []byte) (int, error) {
	text := `{"startedDateTime":"2026-11-24T09:00:00Z","time":1,"request":{"method":"GET","url":"https://h.example/"},"response":{"status":200},"timings":{}},`
	if e.sent == 0 {
		text = `{"log":{"version":"1.2","creator":{"name":"x"},"entries":[` + text
	}
	if e.sent++; e.sent == 100 {
		e.off()
	}
	return copy(b, text), nil
}

func TestComparison_canBeGivenUpInTheMiddleOfAFile(t *testing.T) {
	x := comparing(t, chromeStory(t))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if _, err := (intake.Reader{Tables: x.tables, Stdin: &endless{off: cancel}}).Read(ctx, "-"); !errors.Is(err, context.Canceled) {
		t.Errorf("given up while it is read, it is %v", err)
	}
	if _, err := x.with(ctx, copied(t, chromeStory(t))); !errors.Is(err, context.Canceled) {
		t.Errorf("given up, it is %v", err)
	}
}

// TestTerminal_comparesTheDemoWithAFile: while it runs, with a capture of the healthy
// one and with a HAR.
func TestTerminal_comparesTheDemoWithAFile(t *testing.T) {
	healthy := answeredAfter(t, time.Hour, demoCapture(t, "--healthy")) // so no host gets worse by its time
	m := openTerminal(t, "120", "45", buildDetour(t)+" demo")
	m.wait("a call that is connecting", contains("CloudWatch preflight", "connecting"))
	m.keys("d")
	m.wait("the question", contains("compare with: "))
	m.keys("-l", chromeStory(t))
	m.keys("Enter")
	m.wait("the comparison with the HAR", contains("compared with ", "WebInspector", "A earlier", "B current"))
	m.wait("the end of the story", func(s string) bool { return strings.Count(s, "TIMEOUT") >= 4 && !strings.Contains(s, "connecting") })
	m.keys("-l", ":diff "+healthy)
	m.keys("Enter")
	// On a busy machine, no beacon tells which preflights were GetMetricData's alone.
	metrics := regexp.MustCompile(`monitoring:(DescribeAlarms or )?GetMetricData \(preflight\): (200 \(\d×\) →|\+) tcp timeout \(\d×\)`)
	m.wait("what got worse", func(s string) bool {
		return contains("2 hosts got worse", "▸ 1 ", "logs:DescribeLogGroups: − 200 (1×)")(s) && metrics.MatchString(s)
	})
	m.keys("Right", "Enter")
	m.wait("the flows of a host", func(s string) bool {
		return strings.Contains(s, "3 flows, ") && strings.Contains(s, "(Esc: back)") && !strings.Contains(s, "DescribeInstances")
	})
	m.keys("q")
	m.quits()
}
