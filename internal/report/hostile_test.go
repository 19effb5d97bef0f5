package report

import (
	"bytes"
	"errors"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"detour/internal/diagnose"
	"detour/internal/flow"
	"detour/internal/report/reporttest"
)

func TestMarkdown_nothingOfTheTrafficIsMarkup(t *testing.T) {
	for i, c := range reporttest.Hostile() {
		var b bytes.Buffer
		if err := Markdown(&b, Of(c)); err != nil {
			t.Fatal(err)
		}
		invisible(t, b.String())
		for _, l := range strings.Split(b.String(), "\n") {
			l = strings.ReplaceAll(l, "<!-- -->", "") // Escape's own: it ends what GitHub would link
			if strings.HasPrefix(l, "# head") || strings.HasPrefix(l, "```") || strings.Contains(l, "<") || strings.Contains(l, "![") ||
				strings.Contains(l, " [l]") ||
				strings.Contains(l, " `code`") || strings.Contains(l, " **b**") || strings.Contains(l, "&#") || strings.Contains(l, " | cell | ") {
				t.Errorf("capture %d: %s", i, l)
			}
		}
	}
}

func TestTicket_nothingOfTheTrafficIsMarkup(t *testing.T) {
	for i, c := range reporttest.Hostile() {
		for ext, never := range map[string]string{
			"slack": `<|>|&#|(?m)^> | \*\*b\*\* `, "jira": `[^\\][{\[!](?:code|panel|http|l\])|(?m)^# head| \| cell \| `, "txt": "(?m)^# head|^```",
		} {
			got := written(t, ext, c)
			invisible(t, got)
			if m := regexp.MustCompile(never).FindString(strings.ReplaceAll(strings.ReplaceAll(got, "{code:bash}", ""), "{code}", "")); m != "" {
				t.Errorf("capture %d, %s: %q", i, ext, m)
			}
		}
	}
}

// invisible complains of what can't be seen, or moves what is seen.
func invisible(t *testing.T, s string) {
	t.Helper()
	for _, r := range s {
		if r != '\n' && !unicode.IsPrint(r) {
			t.Errorf("%U is in it", r)
		}
	}
}

// full is a writer that takes so many bytes.
type full int

func (f *full) Write(p []byte) (int, error) {
	if *f -= full(len(p)); *f < 0 {
		return 0, errors.New("no space left on device")
	}
	return len(p), nil
}

func TestReport_tellsThatItCouldNotBeWritten(t *testing.T) {
	for _, room := range []full{0, 5000} {
		if md := room; Markdown(&md, Of(reporttest.Story())) == nil {
			t.Errorf("%d bytes are enough", room)
		}
	}
}

func TestReport_isBounded(t *testing.T) {
	c := reporttest.Large()
	if got := written(t, "md", c); len(got) > 600<<10 || !strings.Contains(got, rest) {
		t.Errorf("%d bytes, and it should say %q", len(got), rest)
	}
}

func TestReport_rawSecretsAreOnIt(t *testing.T) {
	c := reporttest.Story()
	c.RawSecrets = true
	if !strings.Contains(written(t, "md", c), "\n**Don't pass it on:** "+rawSecrets) {
		t.Error("the reader isn't warned")
	}
}

func TestReport_aPendingCallIsTold(t *testing.T) {
	f := reporttest.Stuck(1, 0, reporttest.LogsHost, "DescribeLogGroups", "10.0.1.24")
	f.State, f.Failure, f.Times = flow.StateConnecting, nil, flow.Times{Start: reporttest.At(0)}
	f.Conn.Attempts[0].Outcome, f.Conn.Attempts[0].Took = flow.DialPending, 0
	other := reporttest.Call(2, 9000, flow.OriginConsole, reporttest.ConsoleHost, "DescribeTags", "203.0.113.10")
	c := &flow.Capture{Flows: []*flow.Flow{f, other}}
	c.Findings = diagnose.Run(c.Flows, reporttest.At(9095))
	var b bytes.Buffer
	if err := Markdown(&b, Of(c)); err != nil || !strings.Contains(b.String(), "| 9.1 s | connecting 9 s · 5 SYNs |") {
		t.Errorf("%v\n%s", err, b.String())
	}
}
