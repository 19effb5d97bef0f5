package intake

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"detour/internal/flow"
)

// recorded returns the records of n flows, one a line. began is when the first one started.
func recorded(t testing.TB, n int, began time.Time) string {
	t.Helper()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	for i := range n {
		f := flow.Flow{
			ID: flow.ID(i + 1), Rev: 2, Source: flow.SourceProxy, State: flow.StateDone, Origin: flow.OriginDirect, //nolint:gosec // a count
			Request:  flow.Request{Method: "POST", URL: fmt.Sprintf("https://logs.eu-west-1.amazonaws.com/%d", i)},
			Response: &flow.Response{Status: 200}, Note: "ノート { \"}",
			Conn:  &flow.Conn{ID: 1, Authority: "logs.eu-west-1.amazonaws.com:443", Start: began},
			Times: flow.Times{Start: began.Add(time.Duration(i) * time.Second), Done: began.Add(time.Duration(i)*time.Second + time.Millisecond)},
		}
		if err := enc.Encode(f.Record()); err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}

// each returns the records of a text, each changed.
func each(t *testing.T, lines string, change func(map[string]any) string) string {
	t.Helper()
	var out strings.Builder
	for line := range strings.Lines(lines) {
		var v map[string]any
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatal(err)
		}
		out.WriteString(change(v))
	}
	return out.String()
}

func utf16LE(text string) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(text)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return string(b)
}

func readText(t *testing.T, text string) (*flow.Capture, []string, error) {
	t.Helper()
	var notices []string
	r := Reader{Tables: load(t), Stdin: strings.NewReader(text), Notice: func(n Notice) { notices = append(notices, n.Text) }}
	got, err := r.Read(t.Context(), "-")
	return got, notices, err
}

var start = time.Date(2026, 11, 20, 10, 28, 0, 0, time.UTC)

// TestRead_recordsHoweverOtherProgramsWriteThem: the flows are the same.
func TestRead_recordsHoweverOtherProgramsWriteThem(t *testing.T) {
	lines := recorded(t, 3, start)
	want, notices, err := readText(t, lines)
	if err != nil || len(want.Flows) != 3 || len(notices) > 0 {
		t.Fatalf("%+v, %q, %v", want, notices, err)
	}
	sorted := func(indent string) func(map[string]any) string {
		return func(v map[string]any) string { // json.Marshal sorts by key, as jq -S does
			b, err := json.MarshalIndent(v, "", indent)
			if indent == "" {
				b, err = json.Marshal(v)
			}
			if err != nil {
				t.Fatal(err)
			}
			return string(b) + "\n"
		}
	}
	spaced := strings.NewReplacer(`{"v":1,"id":`, `{"v": 1, "id": `, `,"request":`, `, "request": `)
	commas := strings.TrimSuffix(strings.ReplaceAll(lines, "\n", ",\n"), ",\n")
	for name, text := range map[string]string{
		"Python's json.dumps":  spaced.Replace(lines),
		"sorted":               each(t, lines, sorted("")),
		"sorted and indented":  each(t, lines, sorted("  ")),
		"indented by tabs":     each(t, lines, sorted("\t")),
		"an array":             "[" + commas + "]",
		"an array over lines":  "[\n" + commas + "\n]\n",
		"with carriage return": strings.ReplaceAll(lines, "\n", "\r\n"),
		"with blank lines":     "\n\n" + strings.ReplaceAll(lines, "\n", "\n\n"),
		"a byte order mark":    "\ufeff" + lines,
		"PowerShell 5.1":       utf16LE("\ufeff" + strings.ReplaceAll(lines, "\n", "\r\n")),
		"UTF-16 without mark":  utf16LE(lines),
		"twice":                lines + lines,
		"an older revision":    lines + strings.Replace(strings.SplitAfter(lines, "\n")[0], `"rev":2`, `"rev":1`, 1),
	} {
		got, notices, err := readText(t, text)
		if err != nil || len(notices) > 0 || got.Creator != linesCreator {
			t.Errorf("%s: %+v, %q, %v", name, got, notices, err)
			continue
		}
		if a, b := jsonOf(t, want.Flows), jsonOf(t, got.Flows); a != b {
			t.Errorf("%s: the flows differ:\n%s\n%s", name, a, b)
		}
	}
	har := harOf([]string{"a.example"}, []string{"203.0.113.1"})
	if got, _, err := readText(t, utf16LE("\ufeff"+har)); err != nil || len(got.Flows) != 1 {
		t.Errorf("a HAR in UTF-16: %v", err)
	}
}

func jsonOf(t *testing.T, flows []*flow.Flow) string {
	t.Helper()
	b, err := json.Marshal(flows)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestRead_recordsOfSeveralRuns: they have the same numbers.
func TestRead_recordsOfSeveralRuns(t *testing.T) {
	early, late := recorded(t, 2, start), recorded(t, 3, start.Add(time.Hour))
	got, notices, err := readText(t, late+early)
	if err != nil || len(got.Flows) != 5 || !strings.Contains(strings.Join(notices, ""), "the records are of 2 runs") {
		t.Fatalf("%+v, %q, %v", got, notices, err)
	}
	conns := map[flow.ID]int{}
	for i, f := range got.Flows {
		if conns[f.Conn.ID]++; f.ID != flow.ID(i+1) || i > 0 && f.Times.Start.Before(got.Flows[i-1].Times.Start) { //nolint:gosec // a count
			t.Errorf("flow %d has number %d and started at %v", i, f.ID, f.Times.Start)
		}
	}
	if len(conns) != 2 {
		t.Errorf("connections: %v", conns)
	}
}

func TestRead_saysWhichRecordsCantBeRead(t *testing.T) {
	lines := recorded(t, 2, start)
	one := strings.SplitAfter(lines, "\n")[0]
	for name, tc := range map[string]struct {
		text string
		bad  int
		want string
	}{
		"text":             {lines + "hello \x1b[31m\n", 1, `1 record can't be read: line 3: not a JSON object: "hello �[31m"`},
		"first":            {"}garbage\n" + lines, 1, `line 1: not a JSON object: "}garbage"`},
		"cut off":          {lines + one[:200], 1, "the last record, in line 3, is incomplete and can't be read"},
		"cut off, several": {lines + one[:200] + "\n" + one + "x\n" + one[:100], 3, `2 records can't be read: line 3: it ends in the middle of an object: "{`},
		"glued":            {lines + one[:50] + one, 1, "line 3: it ends in the middle of an object"},
		"another object":   {lines + `{"name":"x"}` + "\n", 1, `line 3: not a flow record: "{"name":"x"}"`},
		"another type":     {lines + `{"v":1,"id":"x"}` + "\n", 1, `line 3: not a flow record: its id is a string: "{`},
		"newer":            {lines + `{"v":2,"id":9}` + "\n", 1, "line 3: a flow record of version 2: this version of detour reads version 1"},
		"not JSON":         {lines + `{"v":1,id:3}` + "\n", 1, "line 3: not JSON (invalid character 'i'"},
		"words":            {lines + strings.Replace(one, `"origin":"direct`, `"origin":"Direct!`, 1), 1, "unknown values in a closed set"},
		"a secret":         {lines + "password=\"hunter2hunter2\" " + strings.Repeat("x", 100) + "\n", 1, "not a JSON object"},
		"too long":         {lines + `{"v":1,"note":"` + strings.Repeat("x", maxRecord) + "\"}\n", 1, "line 3: longer than 4.2 MB, which no flow record is"},
	} {
		got, notices, err := readText(t, tc.text)
		said := strings.Join(notices, "\n")
		if err != nil || len(got.Flows) != 2 || got.Unread.Flows != tc.bad || !strings.Contains(said, tc.want) || strings.Contains(said, "hunter2") || len(said) > 400 {
			t.Errorf("%s: %v, %.500s", name, err, said)
		}
	}
}

func TestRead_saysWhyNoRecordCanBeRead(t *testing.T) {
	for text, want := range map[string][2]string{
		`{"v":2,"id":1,"request":{}}`: {"a flow record of version 2", updateHint},
		`{"v":1,"id":1,"requ`:         {"the only one is incomplete", ""},
		`{"v":1,"name":"x"}`:          {"line 1: not a flow record", ""},
		"":                            {"the file is empty", ""},
		utf16LE("\ufeff"):             {"the file is empty", ""},
		`{"v":1,"file":"x","flows":1,"findings":[`:   {"the output of detour diagnose", openSource},
		`{"v":1,"a":{},"b":{},"hosts":[]}`:           {"the output of detour diff", openSource},
		`{"v":1,"level":"ok","checks":[]}`:           {"the output of detour doctor", openSource},
		`{"v":1,"detour":"1","creator":"","files":[`: {"the manifest of a bundle", ""},
		`{"entries":[{}]}`:                           {"the log of a HAR", "put it back: jq '{log: .}' FILE >x.har"},
		"id,started,origin,service":                  {"it is CSV", ""},
		"\ufeff<!DOCTYPE html>":                      {"it is an HTML page", openSource},
		"# detour report: x":                         {"it is a report", openSource},
		"\xd4\xc3\xb2\xa1\x02\x00":                   {"a capture of packets", packets.hint},
		"\x0a\x0d\x0d\x0a\x1c\x00":                   {"a capture of packets", packets.hint},
		"\x89PNG\r\n":                                {"it is a picture", saveHAR},
		"2137:9:websocket;0:~8:response;":            {"mitmproxy's flows", ""},
		"SQLite format 3\x00":                        {"it ends after 16 bytes", ""},
	} {
		_, _, err := readText(t, text)
		var wrong *Error
		if !errors.As(err, &wrong) || !strings.Contains(err.Error(), want[0]) || want[1] != "" && wrong.Hint() != want[1] {
			t.Errorf("%.50q: %v", text, err)
		}
	}
}

func TestKindOf_isByContent(t *testing.T) {
	lines := recorded(t, 1, start)
	for text, want := range map[string]kind{
		lines:                                   recordsKind,
		lines[:40]:                              recordsKind,
		`{"aws":{"x":1},"connection":{"id":1`:   recordsKind,
		`{"log":{"entries":[]}}`:                harKind,
		`[{"log" : {`:                           harKind,
		`{"log":"x","v":1}`:                     recordsKind,
		"// comment\n{\"log\":{":                harKind,
		`{"request":{},"startedDateTime":"x"}`:  foreignKind,
		`{"method":"GET","url":"x","headers":[`: foreignKind,
		"hello":                                 unknownKind,
		`{"a":1}`:                               unknownKind,
	} {
		if got, _ := kindOf([]byte(text)); got != want {
			t.Errorf("%.60q: %d, want %d", text, got, want)
		}
	}
}

func FuzzRead(f *testing.F) {
	lines := recorded(f, 2, start)
	f.Add([]byte(lines))
	f.Add([]byte(utf16LE(lines)))
	f.Add([]byte(lines[:len(lines)/2] + lines))
	f.Add([]byte(harOf([]string{"a.example"}, []string{"203.0.113.1"})))
	tables := load(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		r := Reader{Tables: tables, Stdin: bytes.NewReader(b), Notice: func(n Notice) {
			if n.Text != flow.Printable(n.Text) {
				t.Errorf("%q", n.Text)
			}
		}}
		got, err := r.Read(t.Context(), "-")
		if err != nil {
			if text := err.Error(); text != flow.Printable(text) {
				t.Errorf("%q", text)
			}
			return
		}
		if !slices.IsSortedFunc(got.Flows, byIDs) {
			t.Error("the IDs don't rise")
		}
	})
}

func byIDs(a, b *flow.Flow) int { return byID(a, b.ID) }
