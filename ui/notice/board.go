// Package notice has what the bottom line reports: the outcome of the last action and new
// problems, and a log of both, which can be read again.
package notice

import (
	"fmt"
	"time"

	"detour/internal/flow"
	"detour/ui/pane"
)

// A Board has the notices that are shown. It belongs to the goroutine that draws.
type Board struct {
	now     func() time.Time
	outcome notice
	known   problemCounts // problems that have been reported
	news    notice        // a new problem; shown if there is no outcome
	log     messageLog
}

// New returns an empty Board with a clock.
func New(now func() time.Time) *Board { return &Board{now: now} }

// A notice is a message in the bottom line.
type notice struct {
	text string
	tone pane.Tone
	at   time.Time
}

// shownFor is how long a notice stays if no key is pressed.
const shownFor = 8 * time.Second

// Report shows the outcome of an action.
func (b *Board) Report(t pane.Tone, format string, args ...any) {
	b.outcome = notice{fmt.Sprintf(format, args...), t, b.now()}
	b.log.add(b.outcome)
}

// EndOutcome stops showing the outcome of the last action.
func (b *Board) EndOutcome() { b.outcome = notice{} }

// EndNews stops showing a new problem.
func (b *Board) EndNews() { b.news = notice{} }

// Any reports whether a notice is shown, which ends with time.
func (b *Board) Any() bool { return b.outcome.text != "" || b.news.text != "" }

// Watch reports a new problem. The notice stays for a while, or until a key shows
// the findings. It doesn't repeat the title that the banner shows.
func (b *Board) Watch(fs []flow.Finding) {
	f, ok := b.known.fresh(fs)
	if !ok {
		return
	}
	const word = "a new problem"
	whole := word + ": " + f.Title
	text := word
	if first := fs[0]; first.Code != f.Code || first.Title != f.Title {
		text = whole
	}
	b.news = notice{text, pane.Bad, b.now()}
	b.log.add(notice{whole, pane.Bad, b.now()})
}

// DrawOutcome draws the outcome of the last action, if there is one.
func (b *Board) DrawOutcome(c pane.Canvas) bool {
	if f := b.outcome; f.text != "" && b.now().Sub(f.at) < shownFor {
		c.Put(0, 0, c.W, f.text, f.tone)
		return true
	}
	b.EndOutcome()
	return false
}

// DrawNews draws the notice of a new problem, if there is one. It waits while something
// covers the table, whose keys differ.
func (b *Board) DrawNews(c pane.Canvas, covered, seen bool) bool {
	f := &b.news
	switch {
	case f.text == "":
		return false
	case covered:
		f.at = b.now()
		return false
	case b.now().Sub(f.at) >= shownFor || seen:
		b.EndNews()
		return false
	}
	const how = "; ! shows it"
	x := c.Put(0, 0, c.W-len(how), "! "+f.text, f.tone)
	c.Put(x, 0, c.W-x, how, pane.Key)
	return true
}
