package ui

import (
	"time"

	"detour/ui/pane"
)

// A notices is what the line above the keys says: the outcome of what was done last, and
// news of a problem.
type notices struct {
	now     func() time.Time
	outcome notice
	known   problemCount // over the problems
	news    notice       // of a new one; shown where flash leaves room
}

// A notice is the outcome of what the user did last.
type notice struct {
	text string
	tone pane.Tone
	at   time.Time
}

// noticeFor is how long an outcome stays if no key is pressed.
const noticeFor = 8 * time.Second
