package intake_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"detour/internal/aws"
	"detour/internal/export"
	"detour/internal/filter"
	"detour/internal/flow"
	"detour/internal/fulltest"
	"detour/internal/intake"
)

// linesFile writes JSON Lines.
func linesFile(t *testing.T, lines ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "flows.jsonl")
	if err := os.WriteFile(path, []byte(strings.Join(lines, "")), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// linesOf returns the flow records of a file, one a line.
func linesOf(t *testing.T, tables *aws.Tables, path string) []string {
	t.Helper()
	var b bytes.Buffer
	if err := (export.Writer{}).Write(&b, "jsonl", marked(read(t, tables, path, true))); err != nil {
		t.Fatal(err)
	}
	return slices.Collect(strings.Lines(b.String()))
}

// replaced replaces a text in all lines.
func replaced(lines []string, before, after string) []string {
	out := slices.Clone(lines)
	for i := range out {
		out[i] = strings.Replace(out[i], before, after, 1)
	}
	return out
}

func backwards(lines []string) []string {
	out := slices.Clone(lines)
	slices.Reverse(out)
	return out
}

// An export of JSON Lines that are read several times has the bytes of one whose flows are in memory, and
// says the same of them, in whatever order and however often they have each flow.
func TestStream_ofJSONLinesIsExportedAsWhatReadReturns(t *testing.T) {
	tables, err := aws.Load()
	if err != nil {
		t.Fatal(err)
	}
	failed, err := filter.Parse("status>=400 OR is:finding")
	if err != nil {
		t.Fatal(err)
	}
	of := func(name string) []string { return linesOf(t, tables, filepath.Join("testdata", "judgement", name)) }
	l, pairs := of("webkit-half-eni.har"), of("preflight-beacon.har")
	later := replaced(l, `"started":"2026-`, `"started":"2027-`)
	newer := replaced(l, `"rev":`, `"rev":9`)
	array := strings.TrimSuffix(strings.Join(replaced(l, "\n", ",\n"), ""), ",\n")
	for what, tc := range map[string]struct {
		lines []string
		says  string
	}{
		"sorted":          {pairs, ""},
		"backwards":       {backwards(pairs), ""},
		"two revisions":   {slices.Concat(l, backwards(newer)), ""},
		"a bad line":      {slices.Concat(l[:2], []string{"x\n", `{"v":1,"id":"x"}` + "\n"}, l[2:]), "line 3"},
		"cut":             {append(slices.Clone(l), l[0][:200]), "the last record"},
		"cut, backwards":  {append(backwards(l), l[0][:200]), "the last record"},
		"one after a cut": {append([]string{l[0][:300]}, l...), "line 1"},
		"two runs":        {slices.Concat(later, l), "of 2 runs"},
		"three runs":      {slices.Concat(pairs, backwards(later), pairs), "of 3 runs"},
		"a mark":          {append([]string{"\ufeff"}, backwards(l)...), ""},
		"an array":        {[]string{"[", array, "]"}, ""},
		"spread out":      {replaced(l, `,"request":{`, ",\n  \"request\": {\n  "), ""},
		"newer detour":    {append(replaced(l[:1], `"v":1`, `"v":2`), l[1:]...), "of version 2"},
	} {
		t.Run(what, func(t *testing.T) {
			path := linesFile(t, tc.lines...)
			allExportsAreSame(t, tables, path, tc.says, intake.Reader{}, intake.Reader{Keep: failed}, intake.Reader{Strict: true})
			for _, r := range []intake.Reader{{}, {Keep: failed}, {Strict: true}, {Stdin: os.Stdin}, {Stdin: os.Stdin, Keep: failed}} {
				if r.Tables = tables; sameDiagnosisBy(t, r, path, nil) == 0 {
					t.Errorf("flows were kept for a diagnosis with %q, strict %v", r.Keep.Text(), r.Strict)
				}
			}
		})
	}
}

// JSON Lines that change after they were judged aren't exported as if nothing had happened.
func TestStream_noticesThatJSONLinesChange(t *testing.T) {
	tables, err := aws.Load()
	if err != nil {
		t.Fatal(err)
	}
	lines := backwards(linesOf(t, tables, filepath.Join("testdata", "judgement", "webkit-half-eni.har")))
	for what, change := range map[string]func(b []byte) []byte{
		"cut":    func(b []byte) []byte { return b[:len(b)/2] },
		"longer": func(b []byte) []byte { return append(b, "{}\n"...) },
		"moved":  func(b []byte) []byte { return append([]byte("\n\n\n"), b...) },
	} {
		path := linesFile(t, lines...)
		s := intake.Reader{Tables: tables, Whole: true}.Stream(t.Context(), path)
		if s == nil {
			t.Fatal("it is read whole")
		}
		defer s.Close()
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, change(b), 0o600); err != nil {
			t.Fatal(err)
		}
		err = readAll(s.Flows())
		if wrong := (*intake.Error)(nil); !errors.As(err, &wrong) || !strings.Contains(err.Error(), "changed while it was read") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// Of each flow record, little stays in memory: also of those of detour's own connections, in any order.
func TestStream_takesLittleMemoryForEachRecord(t *testing.T) {
	const most = 160 // bytes of a healthy flow
	lines := func(n int) string {
		var b bytes.Buffer
		c, conn := &flow.Capture{}, (*flow.Conn)(nil)
		for f, err := range made(n).Flows() {
			if f.Source = flow.SourceProxy; err != nil {
				t.Fatal(err)
			}
			f.Conn.TLS = &flow.TLSInfo{Outcome: flow.TLSOK, Version: "TLS 1.3", ALPN: "h2"}
			if f.Reused {
				f.Conn = conn
			}
			conn = f.Conn
			c.Flows = append(c.Flows, f)
		}
		slices.Reverse(c.Flows)
		if err := (export.Writer{}).Write(&b, "jsonl", c); err != nil {
			t.Fatal(err)
		}
		return linesFile(t, b.String())
	}
	tables, err := aws.Load()
	if err != nil {
		t.Fatal(err)
	}
	flows := fulltest.Or(3000, 20_000)
	r := intake.Reader{Tables: tables, Whole: true}
	few, many := heapOfStream(t, r, lines(flows/10)), heapOfStream(t, r, lines(flows))
	t.Logf("%d KiB for %d flows, %d KiB for %d", few>>10, flows/10, many>>10, flows)
	if more := many - few; more > int64(flows)*most {
		t.Errorf("%d bytes of a flow", more/int64(flows))
	}
}
