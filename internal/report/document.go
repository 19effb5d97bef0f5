package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"detour/internal/alias"
	"detour/internal/finding"
	"detour/internal/flow"
	"detour/internal/wording"
)

// A Document is a report's content, whatever its format. Its text isn't escaped, and is to be
// clipped: see [MaxLine] and [MaxCell].
type Document struct {
	Title    string
	Warning  string         // that it contains secrets; "" if it doesn't
	Notes    []string       // what has to be known before the rest
	Summary  []Point        // what fails, for whom, and who does what
	Lead     []string       // what the capture is, in sentences
	Steps    []finding.Line // to take for the finding that the summary is about
	Findings []Found
	More     int       // findings that are omitted
	None     string    // the sentence if there are no findings
	Proof    Chapter   // that a problem is gone, and what tests found; it may have no blocks
	Chapters []Chapter // the others, without those that have nothing

	Flows    int              // how many the capture has
	Affected map[flow.ID]bool // flows that are in a problem, or failed
	Last     time.Time        // the latest instant in the capture
	began    time.Time        // the start of the first flow
}

// A Found is a finding under its heading. What the document says elsewhere isn't in it.
type Found struct {
	flow.Finding
	Index   int // among the capture's findings
	Heading string
}

// A Chapter is a part under a heading. ID is the target of links to it.
type Chapter struct {
	ID, Title string
	Blocks    []Block
	Picture   []Panel // for formats with pictures
	Undrawn   int     // affected calls that aren't in the picture
}

// A Block is a piece of a chapter: a title, then a note, lines and a table.
type Block struct {
	Title string // "" for none
	Note  string // a sentence
	Lines []string
	Table *Table
}

// A Table has at least one row.
type Table struct {
	Columns []string
	Rows    [][]string
	More    string // what is omitted: "12 more calls"; "" for nothing
}

// Of returns the report of a capture.
func Of(c *flow.Capture) Document {
	d, _ := OfFlows(c, c.Each()) // flows in memory have no error
	return d.Whole
}

// Documents are the report of a capture, and its findings as [FindingsOf].
type Documents struct{ Whole, Found Document }

// OfFlows returns the documents of a capture, from flows that it doesn't need to have. It may read them
// twice. The error is theirs.
func OfFlows(c *flow.Capture, flows flow.Flows) (Documents, error) {
	s, err := newSurvey(c, flows)
	if err != nil {
		return Documents{}, err
	}
	return Documents{s.document(), s.alone()}, nil
}

func (s survey) document() Document {
	c := s.Capture
	d := Document{Flows: s.n, Summary: s.summary(), Proof: s.proof(), Affected: s.isAffected, Last: s.last, began: s.began}
	d.Steps, d.Findings = s.findings()
	d.None = s.none()
	d.More = len(c.Findings) - len(d.Findings)
	name := c.File[strings.LastIndexAny(c.File, `/\`)+1:] // its directory is nobody else's business
	d.Title = "detour report: " + or(name, "a run")
	if c.Simulated() {
		d.Title = "detour report of a demo: " + or(name, "a run")
	}
	if c.RawSecrets {
		d.Warning = rawSecrets
	}
	if c.Simulated() {
		d.Notes = append(d.Notes, simulated)
	}
	if c.Strict {
		d.Notes = append(d.Notes, alias.Notice)
	}
	d.Lead = s.lead()
	for _, p := range []Chapter{s.calls(), s.reachable(), s.environment(), s.timeline(), s.redacted()} {
		if len(p.Blocks) > 0 {
			d.Chapters = append(d.Chapters, p)
		}
	}
	return d
}

// FindingsOf returns what is found in a capture, for a screen that shows one finding at a time: a
// document with the summary, the proof, and the findings, each with its next steps.
func FindingsOf(c *flow.Capture) Document {
	d, _ := OfFlows(c, c.Each()) // flows in memory have no error
	return d.Found
}

func (s survey) alone() Document {
	c := s.Capture
	d := Document{Flows: s.n, Summary: s.summary(), Proof: s.proof(), None: s.none(), Affected: s.isAffected, Last: s.last}
	for i, f := range c.Findings[:min(len(c.Findings), maxAlone)] {
		d.Findings = append(d.Findings, Found{bounded(f), i, f.Title})
	}
	d.More = len(c.Findings) - len(d.Findings)
	return d
}

// none is the sentence of a capture without findings, with a capital.
func (s survey) none() string { return "N" + finding.NoneOf(s.Capture, s.n, s.waiting)[1:] + "." }

// findings are those of the capture, and the next steps of the one that the summary is
// about, which comes first. Nothing is asked for twice, and nothing of a resolved finding.
func (s survey) findings() (steps []finding.Line, out []Found) {
	main := s.main()
	tried, askedFor := make(map[flow.NextStep]bool), make(map[flow.Ask]bool)
	take := func(f flow.Finding) flow.Finding {
		f.Try = slices.DeleteFunc(slices.Clone(f.Try), func(x flow.NextStep) bool { return f.Resolved || tried[x] })
		f.Asks = slices.DeleteFunc(slices.Clone(f.Asks), func(x flow.Ask) bool { return f.Resolved || askedFor[x] })
		for _, x := range f.Try {
			tried[x] = true
		}
		for _, x := range f.Asks {
			askedFor[x] = true
		}
		return bounded(f)
	}
	for i := range s.Findings {
		if &s.Findings[i] == main {
			first := take(*main)
			steps = finding.Steps(first.Try)
			first.Try, first.Asks = nil, nil
			out = append(out, Found{first, i, above(first)})
		}
	}
	for i := range s.Findings {
		if f := &s.Findings[i]; f != main && len(out) < maxFindings {
			x := take(*f)
			out = append(out, Found{x, i, x.Title})
		}
	}
	return steps, out
}

// above is the heading of the finding whose title is at the top.
func above(f flow.Finding) string {
	if f.Resolved {
		return "The resolved problem above"
	}
	return "The problem above"
}

// lead is what the capture is.
func (s survey) lead() []string {
	if s.n == 0 {
		return []string{"The capture has no requests."}
	}
	first := s.first
	if first.IsZero() {
		first = s.last
	}
	requests := wording.Count(s.n, "request")
	if !first.IsZero() {
		requests += fmt.Sprintf(" from %s to %s", first.UTC().Format("2006-01-02 15:04:05"), s.last.UTC().Format("2006-01-02 15:04:05 UTC"))
	}
	requests += fmt.Sprintf(": %d console-origin (relayed by the console's servers), "+
		"%d direct-endpoint (sent straight to a service), %d other.",
		s.by[flow.OriginConsole], s.by[flow.OriginDirect], s.n-s.by[flow.OriginConsole]-s.by[flow.OriginDirect])
	out := []string{requests}
	if s.Creator != "" {
		out = append(out, "Written by "+s.Creator+". All times are UTC.")
	}
	return out
}

// bounded is a finding whose sections are no longer than a person reads.
func bounded(f flow.Finding) flow.Finding {
	f.Title, f.Code = wording.Clip(f.Title, MaxLine), codeWord(f.Code)
	f.Level, f.Confidence = flow.Level(codeWord(string(f.Level))), flow.Confidence(codeWord(string(f.Confidence)))
	clipped := func(l string) string { return wording.Clip(l, MaxLine) }
	for _, lines := range []*[]string{&f.Because, &f.Screens, &f.Alternatives, &f.CloudTrail} {
		*lines = bound(*lines, clipped, func(more string) string { return more })
	}
	f.Try = bound(f.Try, func(s flow.NextStep) flow.NextStep {
		s.Text = clipped(s.Text)
		if len(s.Command) > maxCommand { // half a command is worse than none
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

// codeWord replaces what isn't part of a code: a file may contain anything.
func codeWord(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || 'a' <= r && r <= 'z' || '0' <= r && r <= '9' {
			return r
		}
		return '?'
	}, wording.Clip(s, 60))
}
