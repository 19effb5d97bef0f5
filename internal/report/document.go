package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"detour/internal/diagnose"
	"detour/internal/flow"
	"detour/internal/wording"
)

// A document is a report before it has a form. Its text isn't escaped.
type document struct {
	Name     string   // of the file
	Lead     []string // what the capture is, a sentence each
	Raw      bool     // secrets are in it
	Findings []flow.Finding
	More     int // findings that are left out
	Parts    []part
}

// A part is a chapter. ID is what a link in the report names it by.
type part struct {
	ID, Title string
	Blocks    []block
	Picture   []panel // for the form that has pictures
	Undrawn   int     // affected calls that aren't in the picture
}

// A block is a piece of a part: what it is about, then its lines, steps and table.
type block struct {
	Title string // "" for wording.None
	Note  string // a sentence
	Lines []string
	Steps []diagnose.Line
	Table *table
}

// A table has at least one row.
type table struct {
	Columns []string
	Rows    [][]string
	More    string // what is left out: "12 more calls"; "" for nothing
}

// A survey is a capture as the parts look at it.
type survey struct {
	*flow.Capture
	affected []*flow.Flow
	ill      map[flow.ID]bool // of affected
	last     time.Time        // the last instant that anything is known of
	days     bool             // the capture goes over midnight
}

func newDocument(c *flow.Capture) document {
	s := look(c)
	name := c.File[strings.LastIndexAny(c.File, `/\`)+1:] // where it lies is nobody else's business
	d := document{Name: or(name, "a run"), Raw: c.RawSecrets, Lead: s.lead()}
	for _, f := range c.Findings[:min(len(c.Findings), maxFindings)] {
		f = bounded(f)
		f.Asks = nil // they have a chapter
		d.Findings = append(d.Findings, f)
	}
	d.More = len(c.Findings) - len(d.Findings)
	d.Parts = []part{s.calls(), s.evidence(), s.works(), s.environment(), s.timeline(), s.asks(), s.kept()}
	return d
}

// look finds the affected flows.
func look(c *flow.Capture) survey {
	s := survey{Capture: c, ill: make(map[flow.ID]bool)}
	claimed := make(map[flow.ID]bool)
	for _, f := range c.Findings {
		if f.Level == flow.LevelProblem {
			for _, id := range f.Flows {
				claimed[id] = true
			}
		}
	}
	var first time.Time
	for _, f := range c.Flows {
		if claimed[f.ID] || len(f.Findings) > 0 || lost(f) {
			s.affected, s.ill[f.ID] = append(s.affected, f), true
		}
		if t := f.Times.Start; !t.IsZero() && (first.IsZero() || t.Before(first)) {
			first = t
		}
		s.last = latest(s.last, f.Times.Start, f.Times.Done)
		if !f.Final() && f.Conn != nil {
			for _, a := range f.Conn.Attempts {
				s.last = latest(s.last, a.Start.Add(a.Took))
			}
		}
	}
	s.days = first.UTC().Format(time.DateOnly) != s.last.UTC().Format(time.DateOnly)
	return s
}

// lost reports whether an AWS call has no answer, and it wasn't the client that
// gave it up.
func lost(f *flow.Flow) bool {
	return f.Failure != nil && f.Failure.Stage != flow.StageClient && f.Origin != flow.OriginOther && f.Origin != ""
}

func latest(ts ...time.Time) time.Time {
	return slices.MaxFunc(ts, time.Time.Compare)
}

// lead says what the capture is.
func (s survey) lead() []string {
	if len(s.Flows) == 0 {
		return []string{"There is no request in it."}
	}
	by := make(map[flow.Origin]int)
	first := s.last
	for _, f := range s.Flows {
		by[f.Origin]++
		if t := f.Times.Start; !t.IsZero() && t.Before(first) {
			first = t
		}
	}
	told := wording.Count(len(s.Flows), "request")
	if !first.IsZero() {
		told += fmt.Sprintf(" from %s to %s", first.UTC().Format("2006-01-02 15:04:05"), s.last.UTC().Format("2006-01-02 15:04:05 UTC"))
	}
	told += fmt.Sprintf(": %d console-origin (relayed by the console's servers), %d direct-endpoint (from this machine straight to a service), %d others.",
		by[flow.OriginConsole], by[flow.OriginDirect], len(s.Flows)-by[flow.OriginConsole]-by[flow.OriginDirect])
	out := []string{told}
	if s.Creator != "" {
		out = append(out, "Written by "+s.Creator+". All times are UTC.")
	}
	return out
}

// bounded is a finding of which no section is longer than a person reads.
func bounded(f flow.Finding) flow.Finding {
	f.Title, f.Code = wording.Clip(f.Title, maxLine), word(f.Code)
	f.Level, f.Confidence = flow.Level(word(string(f.Level))), flow.Confidence(word(string(f.Confidence)))
	clipped := func(l string) string { return wording.Clip(l, maxLine) }
	for _, lines := range []*[]string{&f.Because, &f.Screens, &f.Alternatives, &f.CloudTrail} {
		*lines = bound(*lines, clipped, func(more string) string { return more })
	}
	f.Try = bound(f.Try, func(s flow.NextStep) flow.NextStep {
		s.Text = clipped(s.Text)
		if len(s.Command) > maxCommand { // half a command is worse than wording.None
			s.Text, s.Command = strings.TrimSpace(s.Text+" (the command is too long for a report)"), ""
		}
		return s
	}, func(more string) flow.NextStep { return flow.NextStep{Text: more} })
	f.Asks = bound(f.Asks, func(a flow.Ask) flow.Ask {
		return flow.Ask{Of: flow.Audience(clipped(string(a.Of))), What: clipped(a.What)}
	}, func(more string) flow.Ask { return flow.Ask{What: more} })
	return f
}

// bound is at most maxLines items, each as clip leaves it, and one that counts the rest.
func bound[T any](items []T, clip func(T) T, rest func(more string) T) []T {
	out := make([]T, 0, min(len(items), maxLines+1))
	for i, x := range items {
		if i == maxLines {
			return append(out, rest(fmt.Sprintf("and %d more", len(items)-i)))
		}
		out = append(out, clip(x))
	}
	return out
}

// word keeps of a code what codes are made of: a file that somebody sent may say anything.
func word(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || 'a' <= r && r <= 'z' || '0' <= r && r <= '9' {
			return r
		}
		return '?'
	}, wording.Clip(s, 60))
}
