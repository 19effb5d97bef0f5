package ui

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/gdamore/tcell/v2"

	"detour/ui/flowtest"
)

const startPage = "https://start.example/"

// A viewer is a browser whose answers a test sends.
type viewer struct {
	pages  chan string
	answer chan viewed
}

type viewed struct {
	started bool
	err     error
}

func newViewer() (*viewer, Actions) {
	v := &viewer{make(chan string, 1), make(chan viewed, 1)}
	return v, Actions{Browse: BrowseActions{StartPage: startPage, Open: func(ctx context.Context, page string) (bool, error) {
		v.pages <- page
		select {
		case x := <-v.answer:
			return x.started, x.err
		case <-ctx.Done():
			return false, ctx.Err()
		}
	}}}
}

func (v *viewer) wants(t *testing.T, want string) {
	t.Helper()
	if got := <-v.pages; got != want {
		t.Errorf("opened is %q, want %q", got, want)
	}
}

func TestBrowse_opensTheRowsPageOrAnotherOne(t *testing.T) {
	v, act := newViewer()
	s := start(t, 120, 35, finished(), act, Options{})
	s.sees("EC2 DescribeInstances")
	s.types("gb")
	s.sees("open page: " + flowtest.ConsolePage)
	s.types(tcell.KeyEscape)
	s.lacks("open page:")
	for _, c := range []struct {
		keys []any
		want string
		is   viewed
		says string
	}{
		{[]any{"b", tcell.KeyEnter}, flowtest.ConsolePage, viewed{}, "opened ap-northeast-1.console.aws.amazon.com in the browser"},
		{[]any{"b", tcell.KeyCtrlU, tcell.KeyEnter}, startPage, viewed{started: true}, "restarted the browser with start.example"},
		{
			[]any{"b", tcell.KeyCtrlU, " example.com/a#b ", tcell.KeyEnter},
			"https://example.com/a#b",
			viewed{},
			"opened example.com in the browser",
		},
		{[]any{":browse HTTP://[::1]:8080/?q=1", tcell.KeyEnter}, "http://[::1]:8080/?q=1", viewed{}, "opened [::1]:8080 in the browser"},
		{
			[]any{":browse ht", tcell.KeyTab, tcell.KeyEnter},
			flowtest.ConsolePage,
			viewed{err: errors.New("it takes no page")},
			"couldn't open ap-northeast-1.console.aws.amazon.com: it takes no page",
		},
		{[]any{"!b", tcell.KeyEnter}, flowtest.ConsolePage, viewed{}, "opened ap-northeast-1"},
	} {
		s.types(c.keys...)
		v.wants(t, c.want)
		s.sees("; Esc stops it")
		v.answer <- c.is
		s.sees(c.says)
	}
}

func TestBrowse_saysWhatIsNoPageAndKeepsWhatWasTyped(t *testing.T) {
	_, act := newViewer()
	s := start(t, 120, 35, finished(), act, Options{})
	s.sees("EC2 DescribeInstances")
	for text, want := range map[string]string{
		"--no-proxy-server":    "it isn't the URL of a page",
		"-x":                   "it isn't the URL of a page",
		"https://":             "it isn't the URL of a page",
		"javascript:alert(1)":  "it isn't the URL of a page",
		"file:/etc/passwd":     "it isn't the URL of a page",
		"file:///etc/passwd":   "starts with https:// or http://",
		"chrome://settings":    "starts with https:// or http://",
		"https://me:pw@a.test": "remove the user name and password",
	} {
		s.types("b", tcell.KeyCtrlU, text, tcell.KeyEnter)
		if shown := s.sees(want); !strings.Contains(shown, "open page: "+text) {
			t.Errorf("%s isn't there any more:\n%s", text, shown)
		}
		s.types(tcell.KeyEscape)
		s.lacks("open page:")
	}
}

func TestBrowse_isGivenUpWithEscape(t *testing.T) {
	v, act := newViewer()
	s := start(t, 120, 35, finished(), act, Options{})
	s.sees("EC2 DescribeInstances")
	s.types("b", tcell.KeyEnter)
	v.wants(t, flowtest.ConsolePage)
	s.types("b")
	s.sees("b: opening ap-northeast-1.console.aws.amazon.com is in progress; Esc stops it")
	s.types(tcell.KeyEscape)
	s.sees("opening ap-northeast-1.console.aws.amazon.com was stopped")
}

// TestBrowse_fillsNothingInOnAMaskedScreen: neither the row's page nor one that Tab writes.
func TestBrowse_fillsNothingInOnAMaskedScreen(t *testing.T) {
	v, act := newViewer()
	s := start(t, 120, 35, finished(), act, Options{Presenter: true})
	s.sees("EC2 DescribeInstances")
	s.types("gb")
	if text := s.sees("empty because the screen is masked"); strings.Contains(text, "open page: h") {
		t.Errorf("something is filled in:\n%s", text)
	}
	s.types("h", tcell.KeyTab)
	s.sees("open page: h ")
	s.types(tcell.KeyCtrlU, "secret.corp.test/123456789012", tcell.KeyEnter)
	v.wants(t, "https://secret.corp.test/123456789012")
	v.answer <- viewed{}
	if text := s.sees("in the browser"); strings.Contains(text, "corp") {
		t.Errorf("the host isn't masked:\n%s", text)
	}
}

func TestBrowse_withoutABrowserSaysWhy(t *testing.T) {
	s := start(t, 80, 24, finished(), Actions{Browse: BrowseActions{Unavailable: "it is a recording"}}, Options{})
	s.sees("EC2 DescribeInstances")
	s.types("b")
	s.sees("b: it is a recording")
	s.types(":browse a.test", tcell.KeyEnter)
	s.sees(":browse a.test")
	s.sees("it is a recording")
}
