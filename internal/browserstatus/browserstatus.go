// Package browserstatus says how the browser of a run is doing, and what to do about one
// that can't be used or doesn't use detour: for the table's head (Facts), for the empty
// table (Hint), and on a terminal without a table (Print).
package browserstatus

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
	"detour/internal/usererr"
	"detour/internal/wording"
	"detour/ui"
)

// A Status is what is known of a run's browser besides its state.
type Status struct {
	Key      string   // of the table that opens the browser; "": b
	Saved    bool     // its profile is a saved one
	Logged   bool     // its output goes to a file
	Policies []string // what keeps it from detour, and what to do, a line each; nil: nothing is known to
}

// Facts are what the table's head says of a browser that isn't open or requests nothing:
// its state, and why. None, if it is well.
func (x Status) Facts(s browser.State) []ui.Fact {
	value := x.short(s)
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

// short is the state with the key that opens the browser; "" if it is well.
func (x Status) short(s browser.State) string {
	key := cmp.Or(x.Key, "b")
	switch s.Status {
	case browser.Closed:
		return "closed; " + key + " opens it again"
	case browser.Ended:
		return "ended; " + key + " starts it again"
	case browser.NotStarted:
		return "not started; " + key + " tries again"
	case browser.Open:
	}
	if s.Silent {
		return "has requested nothing"
	}
	return ""
}

// advice is what to do about a browser that can't be used or requests nothing; nil for
// others.
func (x Status) advice(s browser.State, run manualsetup.Setup) (out []string) {
	if s.Silent {
		return x.silent()
	}
	if !s.Unusable {
		return nil
	}
	var file *fs.PathError
	switch {
	case x.Saved && s.Err == nil:
		out = append(out, "another browser may have the profile open and have shown the page: close it, or use another --profile")
	case errors.Is(s.Err, browser.ErrInUse):
		out = append(out, "stop that run, or use another --profile")
	case usererr.As(s.Err) != nil:
		out = append(out, usererr.As(s.Err).Hint)
	case x.Saved && errors.As(s.Err, &file):
		out = append(out, "without --profile, detour uses a temporary one in "+os.TempDir())
	case runtime.GOOS == "linux" && os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "":
		out = append(out, "there is no display: neither DISPLAY nor WAYLAND_DISPLAY is set")
	}
	out = append(out, "--browser selects another browser; detour help browsers lists the installed ones")
	if !x.Logged {
		out = append(out, "--log FILE records the browser's output")
	}
	return append(out, run.Steps()...)
}

// silent is what to do about a browser that requests nothing.
func (x Status) silent() []string {
	if len(x.Policies) > 0 {
		return x.Policies
	}
	return []string{
		"it may still be starting; if it shows a page, it doesn't use detour",
		"then a policy or an extension may set another proxy: detour doctor names the policies that it can read, and the browser's page " +
			"chrome://policy (Firefox: about:policies) lists all of them",
	}
}

// Hint is what the table says as long as it is empty; nil if nothing is known to be wrong.
func (x Status) Hint(s browser.State, run manualsetup.Setup) []string {
	advice := x.advice(s, run)
	switch {
	case advice != nil && s.Silent:
		return append([]string{s.String(), ""}, advice...)
	case advice != nil:
		return append([]string{s.String(), "browser " + x.short(s), ""}, advice...)
	case s.Status == browser.Open:
		return x.Policies
	}
	return nil
}

// Print prints a browser's state, unless it is well, and what to do about it.
func (x Status) Print(w io.Writer, s browser.State, run manualsetup.Setup) {
	if s.Status == browser.Open && !s.Silent {
		return
	}
	fmt.Fprintln(w, "detour: "+s.String())
	for _, l := range x.advice(s, run) {
		fmt.Fprintln(w, "hint: "+l)
	}
}
