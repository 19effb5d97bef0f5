// Package sharing is what the table has of sharing a run: the command, what it says, and the
// part of the head that shows it all the while.
package sharing

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"detour/internal/filter"
	"detour/internal/wording"
	"detour/ui/pane"
)

// Actions share a run.
type Actions struct {
	// Start shares it, and returns the link. Nil: it can't be shared.
	Start func() (Link, error)
	// Stop ends that within a second, and reports whether it was shared.
	Stop func() bool
	// State is how it is shared now. It is called at every frame, and must be quick. Nil: it can't
	// be shared, and nobody can watch it.
	State func() State
	// Unavailable says why Start is nil. "": a general reason.
	Unavailable string
}

// State is how a run is shared now.
type State struct {
	Watching int       // how many watch, by the link or by detour attach
	Addr     string    // where others can watch it; "": it isn't shared
	Beyond   bool      // other machines reach the address
	Until    time.Time // when it ends; zero: with the run
}

// Head is what the table's head says all the while; "": nothing. It is a warning if other machines
// can reach the run.
func (a Actions) Head() (text string, tone pane.Tone) {
	if a.State == nil {
		return "", pane.Plain
	}
	s := a.State()
	watch := ""
	if s.Watching > 0 {
		watch = fmt.Sprintf("%d watch", s.Watching)
	}
	switch {
	case s.Beyond:
		return " SHARED WITH THE NETWORK on " + s.Addr + comma(watch) + " ", pane.Badge
	case s.Addr != "":
		return "shared on " + s.Addr + comma(watch), pane.Warn
	}
	return watch, pane.Key
}

func comma(s string) string {
	if s == "" {
		return ""
	}
	return ", " + s
}

// Command is ":share". show shows a text that the person may select, outside the table.
func (a Actions) Command(show func(text string) error, notify func(pane.Tone, string, ...any), arg string) error {
	switch {
	case a.Start == nil || a.Stop == nil || a.State == nil:
		return errors.New(cmp.Or(a.Unavailable, "it can't be shared here"))
	case arg == "stop":
		if !a.Stop() {
			return errors.New("it isn't shared; :share shares it")
		}
		notify(pane.Good, "sharing has ended: the link isn't valid any more")
		return nil
	case arg != "":
		return errors.New("usage: share, or share stop")
	}
	if s := a.State(); s.Addr != "" {
		notify(pane.Warn, "%s", s.again())
		return nil
	}
	l, err := a.Start()
	if err != nil {
		return err
	}
	if err := show(l.Text()); err != nil { // nobody has seen it
		a.Stop()
		return err
	}
	return nil
}

// again says why there is no second link.
func (s State) again() string {
	text := "shared on " + s.Addr
	if !s.Until.IsZero() {
		text += " until " + s.Until.Format("15:04:05")
	}
	return text + ", " + wording.Count(s.Watching, "watcher") + "; a new link, which ends the old one: :share stop, then :share"
}

// Words are what the command can be completed to.
func Words() []filter.Candidate {
	return []filter.Candidate{{Text: "stop", Doc: "end sharing: the link isn't valid any more"}}
}
