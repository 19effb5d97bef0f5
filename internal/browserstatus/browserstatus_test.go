package browserstatus

import (
	"bytes"
	"errors"
	"io/fs"
	"strings"
	"testing"

	"detour/internal/browser"
	"detour/internal/manualsetup"
	"detour/ui"
)

func TestBrowserFacts_sayWhichKeyOpensIt(t *testing.T) {
	x := Status{}
	for _, tc := range []struct {
		state browser.State
		want  []ui.Fact
	}{
		{browser.State{}, nil},
		{browser.State{Silent: true}, []ui.Fact{{Name: "browser", Value: "has requested nothing"}}},
		{browser.State{Status: browser.Closed}, []ui.Fact{{Name: "browser", Value: "closed; b opens it again"}}},
		{browser.State{Status: browser.Ended, Reason: "after 61.0 s: signal: segmentation fault"}, []ui.Fact{
			{Name: "browser", Value: "ended; b starts it again"}, {Name: "why", Value: "after 61.0 s: signal: segmentation f…"},
		}},
		{browser.State{Status: browser.NotStarted, Reason: "no program"}, []ui.Fact{{Name: "browser", Value: "not started; b tries again"}, {Name: "why", Value: "no program"}}},
	} {
		got := x.Facts(tc.state)
		if len(got) != len(tc.want) {
			t.Errorf("%+v: %q", tc.state, got)
			continue
		}
		for i := range got {
			if got[i] != tc.want[i] {
				t.Errorf("%+v: %q, want %q", tc.state, got[i], tc.want[i])
			}
		}
	}
}

func TestBrowserAdvice_isWhatToDoAboutABrowserThatCannotBeUsed(t *testing.T) {
	t.Setenv("DISPLAY", "")
	t.Setenv("WAYLAND_DISPLAY", "")
	setup := manualsetup.Setup{Proxy: "http://127.0.0.1:8080", SPKI: "k"}
	for name, tc := range map[string]struct {
		x     Status
		state browser.State
		want  string
	}{
		"it ended":                    {Status{}, browser.State{Status: browser.Ended, Err: errors.New("exit status 1"), Unusable: true}, "--browser selects another browser"},
		"it handed its page over":     {Status{Saved: true}, browser.State{Status: browser.Ended, Unusable: true}, "another browser may have the profile open"},
		"another run has the profile": {Status{Saved: true}, browser.State{Status: browser.NotStarted, Err: browser.ErrInUse, Unusable: true}, "stop that run"},
		"the profile can't be made":   {Status{Saved: true}, browser.State{Status: browser.NotStarted, Err: &fs.PathError{Err: fs.ErrPermission}, Unusable: true}, "without --profile"},
	} {
		advice := strings.Join(tc.x.advice(tc.state, setup), "\n")
		for _, want := range []string{tc.want, "--log FILE", setup.Proxy + "/ca.pem, which is valid for this run only"} {
			if !strings.Contains(advice, want) {
				t.Errorf("%s: %q isn't in\n%s", name, want, advice)
			}
		}
	}
	if advice := (Status{}).advice(browser.State{Status: browser.Closed}, setup); advice != nil {
		t.Errorf("about a browser that was closed: %q", advice)
	}
	var out bytes.Buffer
	(Status{}).Print(&out, browser.State{Status: browser.Ended, Reason: "after 0.1 s: no display", Unusable: true}, setup)
	if s := out.String(); !strings.HasPrefix(s, "detour: the browser ended after 0.1 s: no display\nhint: ") || !strings.Contains(s, "eval") {
		t.Errorf("printed\n%s", s)
	}
}

func TestHint_saysWhyNothingIsRequested(t *testing.T) {
	managed := Status{Policies: []string{"the browser bypasses detour: P", "choose another browser: --browser firefox"}}
	for name, tc := range map[string]struct {
		x     Status
		state browser.State
		want  string
	}{
		"all is well":                  {Status{}, browser.State{}, ""},
		"policies, before the silence": {managed, browser.State{}, "the browser bypasses detour: P\nchoose another browser: --browser firefox"},
		"policies":                     {managed, browser.State{Silent: true}, "the browser started 8 s ago and has requested nothing through detour\n\nthe browser bypasses detour: P\nchoose"},
		"silence":                      {Status{}, browser.State{Silent: true}, "has requested nothing through detour\n\nit may still be starting; if it shows a page, it doesn't use detour\nthen a policy"},
		"a browser that was closed":    {managed, browser.State{Status: browser.Closed}, ""},
	} {
		got := strings.Join(tc.x.Hint(tc.state, manualsetup.Setup{}), "\n")
		if (tc.want == "") != (got == "") || !strings.Contains(got, tc.want) {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
	var out bytes.Buffer
	(Status{}).Print(&out, browser.State{}, manualsetup.Setup{})
	if (Status{}).Print(&out, browser.State{Silent: true}, manualsetup.Setup{}); strings.Count(out.String(), "hint: ") != 2 {
		t.Errorf("printed\n%s", &out)
	}
}
