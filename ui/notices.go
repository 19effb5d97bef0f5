package ui

import (
	"fmt"
	"time"

	"detour/internal/flow"
	"detour/ui/pane"
)

// A notifier has what the status line reports: the outcome of the last action, and new
// problems.
type notifier struct {
	now     func() time.Time
	outcome notice
	known   problemCounts // problems that have been reported
	news    notice        // a new problem; shown if there is no outcome
}

// A notice is a message in the status line.
type notice struct {
	text string
	tone pane.Tone
	at   time.Time
}

// noticeFor is how long a notice stays if no key is pressed.
const noticeFor = 8 * time.Second

// report shows the outcome of an action.
func (n *notifier) report(t pane.Tone, format string, args ...any) {
	n.outcome = notice{fmt.Sprintf(format, args...), t, n.now()}
}

// watch reports a new problem. The notice stays for a while, or until a key shows
// the findings. It doesn't repeat the title that the banner shows.
func (n *notifier) watch(fs []flow.Finding) {
	f, ok := n.known.fresh(fs)
	if !ok {
		return
	}
	text := "a new problem"
	if first := fs[0]; first.Code != f.Code || first.Title != f.Title {
		text += ": " + f.Title
	}
	n.news = notice{text, pane.Bad, n.now()}
}

// draw draws the notice of a new problem, if there is one. It waits while something
// covers the table, whose keys differ.
func (n *notifier) draw(c pane.Canvas, covered, seen bool) bool {
	f := &n.news
	switch {
	case f.text == "":
		return false
	case covered:
		f.at = n.now()
		return false
	case n.now().Sub(f.at) >= noticeFor || seen:
		*f = notice{}
		return false
	}
	const how = "; ! shows it"
	x := c.Put(0, 0, c.W-len(how), "! "+f.text, f.tone)
	c.Put(x, 0, c.W-x, how, pane.Key)
	return true
}
