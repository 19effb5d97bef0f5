package ui

import (
	"time"

	"detour/ui/pane"
)

// A notices is what the status line reports: the outcome of the last action, and new
// problems.
type notices struct {
	now     func() time.Time
	outcome notice
	known   problemCount // problems that have been reported
	news    notice       // a new problem; shown if there is no outcome
}

// A notice is a message in the status line.
type notice struct {
	text string
	tone pane.Tone
	at   time.Time
}

// noticeFor is how long a notice stays if no key is pressed.
const noticeFor = 8 * time.Second
