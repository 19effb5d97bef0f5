package classify

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	"detour/internal/aws"
	"detour/internal/cputime"
	"detour/internal/fulltest"
)

func TestClassify_aHundredThousandRequestsTakeSeconds(t *testing.T) {
	tables, err := aws.Load()
	if err != nil {
		t.Fatal(err)
	}
	var in, out bytes.Buffer
	requests := fulltest.Or(20_000, 100_000)
	for i := range requests {
		fmt.Fprintf(&in, `{"method":"GET","url":"https://b.s3.us-east-1.amazonaws.com/k/%d","headers":{"origin":"https://console.aws.amazon.com"}}`+"\n", i)
	}
	lines := in.Bytes()
	took := cputime.Of(func() {
		if err := Lines(bytes.NewReader(lines), &out, tables); err != nil {
			t.Fatal(err)
		}
	})
	if n := bytes.Count(out.Bytes(), []byte("\n")); n != requests {
		t.Errorf("%d lines", n)
	}
	// A request takes six times as long as to parse it, as of 2026.
	parsed := cputime.Of(func() {
		for dec := json.NewDecoder(bytes.NewReader(lines)); dec.More(); {
			var v any
			if err := dec.Decode(&v); err != nil {
				t.Fatal(err)
			}
		}
	})
	t.Logf("%v, and parsing %v", took, parsed)
	if took > 20*parsed {
		t.Errorf("takes %v, and parsing %v", took, parsed)
	}
}

func TestClassify_answersHoldNoSecret(t *testing.T) {
	tables, err := aws.Load()
	if err != nil {
		t.Fatal(err)
	}
	const in = `{"method":"POST","url":"https://logs.us-east-1.amazonaws.com/","headers":{"x-amz-target":"Logs_20140328.DescribeLogGroups",` +
		`"referer":"https://us-east-1.console.aws.amazon.com/?X-Amz-Security-Token=hunter2hunter2"},` +
		`"response":{"status":403,"headers":{"x-amzn-errortype":"AccessDenied"},"body_base64":"eyJtZXNzYWdlIjoiZGVuaWVkOyBwYXNzd29yZD1odW50ZXIyaHVudGVyMiJ9"}}`
	var out bytes.Buffer
	if err := Lines(strings.NewReader(in), &out, tables); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); strings.Contains(got, "hunter2") || strings.Count(got, "redacted:") != 1 || strings.Contains(got, "X-Amz") {
		t.Errorf("classified: %s", got)
	}
}

// A line that has come is answered before the next is waited for.
func TestClassify_answersAtOnce(t *testing.T) {
	tables, err := aws.Load()
	if err != nil {
		t.Fatal(err)
	}
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- Lines(inR, outW, tables)
		outW.Close()
	}()
	answers := bufio.NewScanner(outR)
	for range 3 {
		fmt.Fprintln(inW, `{"url":"https://example.com/"}`)
		if !answers.Scan() || !strings.Contains(answers.Text(), `"origin":"other"`) {
			t.Fatalf("%q %v", answers.Text(), answers.Err())
		}
	}
	inW.Close()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestReadLine_passesOverWhatIsTooLong(t *testing.T) {
	r := bufio.NewReaderSize(strings.NewReader("ab\n"+strings.Repeat("x", 100)+"\n\ncd"), 16)
	var got []string
	for {
		line, long, err := readLine(r, nil, 20)
		got = append(got, fmt.Sprintf("%s %v", line, long))
		if err != nil {
			break
		}
	}
	if want := []string{"ab false", " true", " false", "cd false"}; strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestLines_readsEveryUnicodeForm: PowerShell's pipes and files have UTF-16, or a byte order
// mark.
func TestLines_readsEveryUnicodeForm(t *testing.T) {
	tables, err := aws.Load()
	if err != nil {
		t.Fatal(err)
	}
	const line = `{"url":"https://logs.eu-west-1.amazonaws.com/"}` + "\n"
	utf16 := "\xff\xfe"
	for _, c := range line {
		utf16 += string([]byte{byte(c), 0})
	}
	var want strings.Builder
	if err := Lines(strings.NewReader(line), &want, tables); err != nil {
		t.Fatal(err)
	}
	for _, in := range []string{"\ufeff" + line, utf16, utf16[2:]} {
		var got strings.Builder
		if err := Lines(strings.NewReader(in), &got, tables); err != nil || got.String() != want.String() {
			t.Errorf("%q: %q, %v", in[:4], got.String(), err)
		}
	}
}
