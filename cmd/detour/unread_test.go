package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"detour/internal/capture/disk"
	"detour/internal/flow"
)

// recordedCalls is a closed capture of n calls that all worked, some of them in progress.
func recordedCalls(t *testing.T, n int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "run.detour")
	f, err := disk.Create(path, disk.Header{})
	if err != nil {
		t.Fatal(err)
	}
	began := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	var all []*flow.Flow
	for i := range n {
		x := &flow.Flow{
			ID: flow.ID(i + 1), Rev: 1, State: flow.StateDone, Source: flow.SourceProxy, Origin: flow.OriginConsole, //nolint:gosec // a count
			Request:  flow.Request{Method: "POST", URL: "https://eu-central-1.console.aws.amazon.com/" + strings.Repeat("x", i%700)},
			Response: &flow.Response{Status: 200}, Times: flow.Times{Start: began, Done: began.Add(time.Second)},
		}
		if i%5 == 4 {
			x.State, x.Response, x.Times.Done = flow.StateWaiting, nil, time.Time{}
		}
		all = append(all, x)
	}
	if err := errors.Join(f.Write(disk.Batch{Flows: all}), f.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

// seen is what the commands read of a file: the numbers of flows.
type seen struct {
	flows  int
	unread flow.Unread
	code   int
	stderr string
}

// diagnosed is what detour diagnose reads.
func diagnosed(t *testing.T, path string) (s seen) {
	t.Helper()
	var out, errs bytes.Buffer
	s.code = run([]string{"diagnose", "--json", path}, &out, &errs)
	var d struct {
		Flows  int
		Unread flow.Unread
	}
	if err := json.Unmarshal(out.Bytes(), &d); err != nil && out.Len() > 0 {
		t.Fatal(err)
	}
	s.flows, s.unread, s.stderr = d.Flows, d.Unread, errs.String()
	return s
}

// TestUnread_allCommandsReadTheSame: whatever happened to a file, diagnose, export and diff
// read the same flows and count the same ones that can't be read, and none returns 0.
func TestUnread_allCommandsReadTheSame(t *testing.T) {
	whole, partly := 0, 0
	for seed := range uint64(16) {
		r := rand.New(rand.NewPCG(seed, 2)) //nolint:gosec // a test
		n := 30 + r.IntN(200)
		path := recordedCalls(t, n)
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		switch page := 4096 * (1 + r.IntN(len(b)/4096-1)); seed % 4 {
		case 1, 2:
			clear(b[page : page+4096])
		case 3:
			b = b[:page+r.IntN(4096)]
		}
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		d := diagnosed(t, path)
		var out, errs, text bytes.Buffer
		code := run([]string{"export", "--format", "jsonl", path}, &out, &errs)
		if lines := strings.Count(out.String(), "\n"); lines != d.flows || code != d.code {
			t.Errorf("seed %d: export writes %d flows and returns %d, diagnose reads %d and returns %d\n%s", seed, lines, code, d.flows, d.code, errs.String())
		}
		var diff struct {
			A, B struct {
				Requests int
				Unread   flow.Unread
			}
		}
		out.Reset()
		if code := run([]string{"diff", "--json", path, path}, &out, &errs); code != d.code {
			t.Errorf("seed %d: diff returns %d", seed, code)
		}
		if out.Len() > 0 {
			if err := json.Unmarshal(out.Bytes(), &diff); err != nil {
				t.Fatal(err)
			}
			if diff.A.Requests != d.flows || diff.B.Unread != d.unread {
				t.Errorf("seed %d: diff reads %+v, diagnose %+v", seed, diff, d)
			}
		}
		run([]string{"diagnose", path}, &text, &errs)
		if d.flows == n {
			whole++
			if d.code != exitDone || !d.unread.None() {
				t.Errorf("seed %d: all %d flows are read: %+v", seed, n, d)
			}
			continue
		}
		partly++
		if d.code != exitFailed || !strings.Contains(d.stderr, ".recover") || strings.Contains(text.String(), "no findings: ") {
			t.Errorf("seed %d: %d of %d flows are read: %+v\n%s", seed, d.flows, n, d, text.String())
		}
		if d.flows > 0 && d.flows+d.unread.Flows != n && !d.unread.AtLeast {
			t.Errorf("seed %d: %+v of %d flows", seed, d, n)
		}
	}
	if whole < 4 || partly < 4 {
		t.Errorf("%d files are read as a whole, %d partly", whole, partly)
	}
}

func TestUnread_aLineThatCannotBeReadCostsThatLine(t *testing.T) {
	var good bytes.Buffer
	if code := run([]string{"export", "--format", "jsonl", recordedCalls(t, 3)}, &good, &bytes.Buffer{}); code != exitDone {
		t.Fatal(code)
	}
	l := strings.SplitAfter(good.String(), "\n")
	long := `{"v":1,"note":"` + strings.Repeat("x", 5<<20) + "\"}\n"
	for name, c := range map[string]struct {
		text   string
		flows  int
		unread int
	}{
		"good":               {l[0] + l[1] + l[2], 3, 0},
		"blank lines":        {l[0] + "\n\r\n" + l[1] + l[2], 3, 0},
		"no JSON first":      {"oops\n" + l[1] + l[2], 2, 1},
		"no JSON amid":       {l[0] + "{\"v\":1,oops\n" + l[2], 2, 1},
		"torn at the end":    {l[0] + l[1] + l[2][:len(l[2])/2], 2, 1},
		"another version":    {l[0] + `{"v":2,"id":7}` + "\n" + l[2], 2, 1},
		"too long":           {l[0] + long + l[2], 2, 1},
		"another type":       {l[0] + `{"v":1,"id":"one"}` + "\n" + l[2], 2, 1},
		"unknown words":      {l[0] + strings.Replace(l[1], "console-origin", "con<b>", 1) + l[2], 2, 1},
		"a byte order mark":  {"\ufeff" + l[0] + l[1] + l[2], 3, 0},
		"spread, as with jq": {spread(t, l[0]) + spread(t, l[1]), 2, 0},
	} {
		path := filepath.Join(t.TempDir(), "flows.jsonl")
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		d := diagnosed(t, path)
		if d.flows != c.flows || d.unread.Flows != c.unread || d.code != min(c.unread, 1) || strings.Contains(d.stderr, "can't be read") != (c.unread > 0) {
			t.Errorf("%s: %+v", name, d)
		}
	}
}

func spread(t *testing.T, line string) string {
	t.Helper()
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(line), "", "  "); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestUnread_aReportSaysWhatIsMissing(t *testing.T) {
	path := recordedCalls(t, 40)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	cut := bytes.Index(b, []byte(`{"v":1,"id":21,`))
	b[cut] = '!'
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	for format, want := range map[string]string{"md": "1 flow of a damaged", "html": "1 flow of a damaged", "har": `"unread":1`} {
		var out, errs bytes.Buffer
		code := run([]string{"export", "--format", format, path}, &out, &errs)
		if text := strings.ReplaceAll(out.String(), " ", ""); code != exitFailed || !strings.Contains(text, strings.ReplaceAll(want, " ", "")) {
			t.Errorf("%s: exit %d\n%s", format, code, errs.String())
		}
	}
}

// TestUnread_aCaptureWithoutItsLogAsksForIt.
func TestUnread_aCaptureWithoutItsLogAsksForIt(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "run.detour")
	f, err := disk.Create(path, disk.Header{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	x := &flow.Flow{ID: 1, Rev: 1, State: flow.StateDone, Request: flow.Request{Method: "GET", URL: "https://example.com/"}}
	if err := f.Write(disk.Batch{Flows: []*flow.Flow{x}}); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(dir, "copy.detour")
	if err := os.WriteFile(copied, b, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"diagnose %s", "export %s --format csv", "diff %s %[1]s"} {
		var out, errs bytes.Buffer
		args := strings.Fields(fmt.Sprintf(command, copied))
		if code := run(args, &out, &errs); code != exitFailed || !strings.Contains(errs.String(), "copy both files") || out.Len() > 0 {
			t.Errorf("%s: exit %d, %s%s", command, code, out.String(), errs.String())
		}
	}
}
