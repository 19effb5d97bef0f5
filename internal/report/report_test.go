package report

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"detour/internal/flow"
	"detour/internal/report/reporttest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// formats are the forms of a report for people.
func formats() map[string]func(io.Writer, *flow.Capture) error {
	of := func(write func(io.Writer, Document) error) func(io.Writer, *flow.Capture) error {
		return func(w io.Writer, c *flow.Capture) error { return write(w, Of(c)) }
	}
	return map[string]func(io.Writer, *flow.Capture) error{"md": of(Markdown), "txt": of(Text), "slack": of(Slack), "jira": of(Jira)}
}

func written(t *testing.T, ext string, c *flow.Capture) string {
	t.Helper()
	var b bytes.Buffer
	if err := formats()[ext](&b, c); err != nil {
		t.Fatal(err)
	}
	if c.Names != nil {
		return c.Names.Text(b.String())
	}
	return b.String()
}

func TestReport_golden(t *testing.T) {
	for name, c := range map[string]*flow.Capture{
		"story": reporttest.Story(), "healthy": reporttest.Healthy(), "empty": {}, "fixed": reporttest.Fixed(), "har": reporttest.Recorded(), "many": reporttest.Many(), "hostile": reporttest.Hostile()[1],
		"strict": reporttest.Strict(),
	} {
		for ext := range formats() {
			got := written(t, ext, c)
			path := filepath.Join("testdata", name+"."+ext)
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil || got != string(want) {
				t.Errorf("%s (%v) differs:\n%s", path, err, firstDifference(got, string(want)))
			}
		}
	}
}

// firstDifference are the lines from which on two texts differ.
func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return fmt.Sprintf("line %d is  %s\nand was  %s", i+1, g[i], w[i])
		}
	}
	return fmt.Sprintf("%d lines, and were %d", len(g), len(w))
}

func TestReport_ofAHARSaysWhatIsNotKnown(t *testing.T) {
	f := reporttest.Stuck(1, 0, reporttest.LogsHost, "DescribeLogGroups", "10.0.1.24")
	f.Source, f.Conn.Resolution = flow.SourceHAR, nil
	f.Conn.Attempts = []flow.DialAttempt{{Outcome: flow.DialTimeout, Start: reporttest.At(0), Took: 21 * time.Second, Err: "net::ERR_CONNECTION_TIMED_OUT"}}
	var b bytes.Buffer
	if err := Markdown(&b, Of(reporttest.Judged("console.har", f))); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| 21.0 s | TIMEOUT 21.0 s |", "- DNS answer unknown", "| — | — | timeout | 1 | 21.0 s | — | — |", "- net::ERR\\_CONNECTION\\_TIMED\\_OUT\n",
		"Unknown: it wasn't recorded.", "endpoint user: Run detour on that machine", "AWS account owner: If they go to private",
		"**For whom:** the machine that the HAR was saved on: 1 request to logs",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q isn't in\n%s", want, b.String())
		}
	}
}

func TestMarkdown_aDemoSaysSo(t *testing.T) {
	c := reporttest.Healthy()
	c.Environment = &flow.Environment{Detour: "1.0", Simulated: true}
	var b strings.Builder
	if err := Markdown(&b, Of(c)); err != nil {
		t.Fatal(err)
	}
	head, rest, _ := strings.Cut(b.String(), "## Environment")
	if !strings.Contains(head, "This is a demo") || !strings.Contains(rest, "This is a demo") {
		t.Errorf("it doesn't say so at its head and of the environment:\n%s", b.String())
	}
}

func TestReport_ofADamagedFileDoesNotSayThatNoRequestMatches(t *testing.T) {
	c := reporttest.Healthy()
	c.Omitted.Unread = 2
	got := written(t, "md", c)
	if !strings.Contains(strings.ToLower(got), "no findings in the part that could be read: ") ||
		!strings.Contains(got, "None in the part that could be read: ") {
		t.Error(got)
	}
}

// TestReport_ofAStrictCaptureSaysWhatWasLeftOut: it was recorded, and isn't shown.
func TestReport_ofAStrictCaptureSaysWhatWasLeftOut(t *testing.T) {
	var b strings.Builder
	if err := Markdown(&b, Of(&flow.Capture{Strict: true})); err != nil {
		t.Fatal(err)
	}
	if s := b.String(); strings.Contains(s, "wasn't recorded") || !strings.Contains(s, "Left out: under strict privacy") {
		t.Errorf("of the environment it says\n%s", s)
	}
}
