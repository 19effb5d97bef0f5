package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"

	"detour/internal/browser"
	"detour/internal/manualsetup"
	"detour/internal/session"
	"detour/internal/usererr"
	"detour/internal/wording"
	"detour/ui"
)

// browserFacts are what the table's head says of a browser that isn't open: its state,
// and why. None, if it is open.
func (o *runOptions) browserFacts(s browser.State) []ui.Fact {
	value := o.browserState(s)
	if value == "" {
		return nil
	}
	facts := []ui.Fact{{Name: "browser", Value: value}}
	if s.Reason != "" {
		facts = append(facts, ui.Fact{Name: "why", Value: wording.Clip(s.Reason, maxFact)})
	}
	return facts
}

// maxFact is how many characters of a reason the table's head has, which leaves out
// what is too long for it; the empty table has all of it.
const maxFact = 36

// browserState is the state with the key that opens the browser; "" if it is open.
func (o *runOptions) browserState(s browser.State) string {
	key := cmp.Or(o.keys.bound["browse"], "b")
	switch s.Status {
	case browser.Closed:
		return "closed; " + key + " opens it again"
	case browser.Ended:
		return "ended; " + key + " starts it again"
	case browser.NotStarted:
		return "not started; " + key + " tries again"
	case browser.Open:
	}
	return ""
}

// browserAdvice is what to do about a browser that can't be used; nil for others.
func (o *runOptions) browserAdvice(s browser.State, run manualsetup.Setup) (out []string) {
	if !s.Unusable {
		return nil
	}
	kept := o.profileDir() != ""
	var file *fs.PathError
	switch {
	case kept && s.Err == nil:
		out = append(out, "another browser may have the profile open and have shown the page: close it, or use another --profile")
	case errors.Is(s.Err, browser.ErrInUse):
		out = append(out, "stop that run, or use another --profile")
	case usererr.As(s.Err) != nil:
		out = append(out, usererr.As(s.Err).Hint)
	case kept && errors.As(s.Err, &file):
		out = append(out, "without --profile, detour uses a temporary one in "+os.TempDir())
	case runtime.GOOS == "linux" && os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "":
		out = append(out, "there is no display: neither DISPLAY nor WAYLAND_DISPLAY is set")
	}
	out = append(out, "--browser selects another browser; detour help browsers lists the installed ones")
	if o.log == "" {
		out = append(out, "--log FILE records the browser's output")
	}
	return append(out, run.Steps()...)
}

// printBrowser prints a browser's state, unless it is open, and what to do about it.
func (o *runOptions) printBrowser(stderr io.Writer, s browser.State, run manualsetup.Setup) {
	if s.Status == browser.Open {
		return
	}
	fmt.Fprintln(stderr, "detour: "+s.String())
	for _, l := range o.browserAdvice(s, run) {
		fmt.Fprintln(stderr, "hint: "+l)
	}
}

// setupOf is what one's own browser needs to go through the proxy of a run.
func setupOf(s *session.Session) manualsetup.Setup {
	return manualsetup.Setup{
		Proxy: s.URL(), Root: s.Decrypt().Path(), SPKI: s.Decrypt().SPKI(), SSH: manualsetup.SSHForward(os.Getenv, s.Addr()),
	}
}

// withoutBrowser is why no browser is started, and what to do instead. moved is the
// notice that the proxy's port isn't the usual one, or "".
func (o *runOptions) withoutBrowser(why error, moved string, run manualsetup.Setup) []string {
	no := fmt.Sprintf("no browser is started: %v", why)
	if o.profile != "" {
		no += "; --profile " + o.profile + " is not used"
	}
	lines := []string{no}
	if moved != "" {
		lines = append(lines, moved)
	}
	return append(lines, run.Steps()...)
}
