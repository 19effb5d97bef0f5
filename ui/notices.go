package ui

import (
	"fmt"
	"time"

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
