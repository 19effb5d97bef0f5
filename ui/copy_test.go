package ui

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gdamore/tcell/v2"

	"detour/internal/cputime"
	"detour/internal/flow"
	"detour/ui/detail"
	"detour/ui/flowtest"
)

func TestCopy_inEveryForm(t *testing.T) {
	copied := make(chan string, 1)
	act := Actions{Copy: func(_ context.Context, s string) []string { copied <- s; return []string{"pbcopy"} }}
	s := start(t, 120, 30, &stage{flows: flowtest.WithBodies(), findings: flowtest.Findings(false)}, act, Options{})
	s.sees("EC2 DescribeInstances")
	for _, c := range []struct {
		keys []any
		says string
		want string
	}{
		{[]any{"Gyy"}, "copied the details of #7, ", "\nRequest headers\n"},
		{[]any{"yt"}, "copied the details of #7, ", "\nRequest headers\n"},
		{[]any{"yc"}, "copied #7 as curl, secrets redacted, 5 lines", "--data-raw 'Action=DescribeRegions&"},
		{[]any{"kkyc"}, "copied #6 as curl without its body (812 B, not stored), secrets redacted", "-X 'POST'"},
		{[]any{"jyj"}, "copied the record of #7", "\n  \"id\": 7,\n"},
		{[]any{tcell.KeyTab, "3yp"}, "copied the tab Response of #7", "      <Code>UnauthorizedOperation</Code>\n"},
		{[]any{"!ym"}, "copied the finding as Markdown", "### calls to CloudWatch"},
		{[]any{"yj"}, "copied the finding as JSON", `"code": "private-endpoint-unreachable"`},
	} {
		s.types(c.keys...)
		s.sees(c.says)
		if got := <-copied; !strings.Contains(got, c.want) {
			t.Errorf("%s: %q isn't in\n%s", c.keys, c.want, got)
		}
	}
}

func TestCopy_anotherKeyLeavesTheMenu(t *testing.T) {
	s := start(t, 80, 24, finished(), Actions{}, Options{})
	s.sees("EC2 DescribeInstances")
	s.types("gy")
	s.sees("copy #2 as")
	s.sees("y text  c curl  j JSON record  Esc cancel")
	s.types("x")
	s.sees("x isn't one of the choices")
	s.types("y", tcell.KeyEscape)
	s.sees("Enter detail")
	s.types("6y") // every flow
	s.types("c")
	s.types("gjjjjjjjyc")
	s.sees("copy #8: curl can't make this request")
}

// TestPanes_ofAHugeBodyDontFreeze: every page of a flow with bodies of 50 MB, and
// every form of copying it, is made in no time that is felt.
func TestPanes_ofAHugeBodyDontFreeze(t *testing.T) {
	f := *flowtest.WithBodies()[6]
	r := *f.Response
	f.Request.Body, r.Body, f.Response = bytes.Repeat([]byte("a=b&"), 50<<18), bytes.Repeat([]byte("<a>x</a>"), 50<<17), &r
	copied := make(chan string, 1)
	s := start(t, 120, 35, &stage{flows: []*flow.Flow{&f}}, Actions{Copy: func(_ context.Context, s string) []string { copied <- s; return []string{"pbcopy"} }}, Options{})
	s.sees("DescribeRegions")
	s.types("g", tcell.KeyTab)
	for i := range detail.Tabs() {
		d := cputime.Of(func() {
			s.types(string(rune('1' + i)))
			s.sees(fmt.Sprintf("[%d ", i+1))
		})
		if d > 3*time.Second {
			t.Errorf("tab %d took %v", i+1, d)
		}
	}
	for key, want := range map[string]string{
		"yj": "without its bodies (104.9 MB, too large)",
		"yc": "too long for a command line", "yy": "copied the details", "yp": "copied the tab",
	} {
		d := cputime.Of(func() {
			s.types(key)
			s.sees(want)
			<-copied
		})
		if d > 3*time.Second {
			t.Errorf("%s took %v", key, d)
		}
	}
}

func TestCopy_saysByWhat(t *testing.T) {
	f := *flowtest.WithBodies()[6]
	r := *f.Response
	r.Body, f.Response = bytes.Repeat([]byte("x"), 100_000), &r
	by := make(chan []string, 1)
	act := Actions{Copy: func(context.Context, string) []string { return <-by }}
	s := start(t, 120, 30, &stage{flows: []*flow.Flow{&f}}, act, Options{})
	s.sees("DescribeRegions")
	for _, c := range []struct {
		keys string
		by   []string
		says string
	}{
		{"gyc", []string{"tmux"}, "by tmux and OSC 52"},
		{"yc", []string{"xclip", "tmux"}, "by xclip, tmux and OSC 52"},
		{"yc", nil, "by OSC 52, which not every terminal supports; Y shows it"},
		{"yj", []string{"tmux"}, "by tmux (too long for OSC 52)"},
		{"yj", nil, "isn't copied: "},
	} {
		s.types(c.keys)
		by <- c.by
		s.sees(c.says)
	}
}

// TestCopy_doesNotHoldUpTheTable: a program that takes the text may hang.
func TestCopy_doesNotHoldUpTheTable(t *testing.T) {
	ended := make(chan bool, 1)
	act := Actions{Copy: func(ctx context.Context, _ string) []string {
		<-ctx.Done()
		ended <- true
		return nil
	}}
	s := start(t, 120, 30, finished(), act, Options{})
	s.sees("EC2 DescribeInstances")
	s.types("gyc", "?")
	s.sees("In the table")
	s.types(tcell.KeyEscape, "q")
	if err := s.ended(); err != nil || !<-ended {
		t.Error(err)
	}
}

func TestCopy_showsTheTextOutsideTheTable(t *testing.T) {
	shown, back := make(chan string), make(chan bool)
	act := Actions{Print: func(_ context.Context, text string) error {
		shown <- text
		<-back
		return nil
	}}
	s := start(t, 120, 24, finished(), act, Options{})
	s.sees("Describe")
	s.types("Y")
	s.sees("nothing was copied yet")
	s.types("gjjyc")
	s.sees("OSC 52")
	s.types("Y")
	text := <-shown
	if line, _, _ := strings.Cut(text, "\n"); !strings.HasPrefix(line, "curl --url 'https://") || !strings.HasSuffix(line, "' \\") {
		t.Errorf("%q", text)
	}
	back <- true
	s.sees("Describe")
	s.types("p")
	s.sees("masked")
	s.types("gjjyt")
	s.sees("OSC 52")
	s.types("Y")
	if text := <-shown; strings.Contains(text, "10.0.1.23") {
		t.Errorf("not masked: %s", text)
	}
	back <- true
	s.sees("Describe")
}
