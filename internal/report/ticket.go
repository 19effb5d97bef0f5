package report

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"detour/internal/finding"
	"detour/internal/flow"
	"detour/internal/wording"
)

// A style is how a format writes pieces of a ticket. Texts come in as they are, on one line and
// bounded, and go out escaped.
type style struct {
	heading   func(level int, text string) string
	label     func(label, text string) string // of the top's lines, and of a finding's sections if text is ""
	paragraph func(text string) string
	item      func(text string) string
	// command is a block to copy from; false if the command would end it.
	command func(command string) (string, bool)
	// table is a table; "" if the format has none, or it would be too wide.
	table func(t *Table) string

	limit int  // of the whole, in runes; 0: none
	brief bool // for a chat: what has to be known, and no more
}

// rest says where the rest of a ticket is that didn't fit.
const rest = "The rest didn't fit: detour export FILE --format html has all of it."

// A ticket is written piece by piece, while there is room.
type ticket struct {
	style
	b    strings.Builder
	n    int  // runes
	list bool // the last piece is an item
	full bool
}

// write writes a document in a style.
func (s style) write(d Document) string {
	t := &ticket{style: s}
	t.put(s.heading(1, d.Title))
	if d.Warning != "" {
		t.put(s.label("Don't pass it on", d.Warning))
	}
	for _, l := range d.Notes {
		t.put(s.paragraph(l))
	}
	for _, p := range d.Summary {
		t.put(s.label(p.Label, clipped(p.Text)))
	}
	if len(d.Steps) > 0 {
		t.put(s.heading(2, finding.HeadNextSteps))
		t.lines(d.Steps)
	}
	t.chapter(d.Proof)
	t.findings(d)
	if s.brief {
		t.put(s.paragraph("Evidence, addresses and times: detour export FILE --format md, or html."))
	} else {
		t.put(s.heading(2, "Capture"))
		for _, l := range d.Lead {
			t.put(s.paragraph(clipped(l)))
		}
		for _, c := range d.Chapters {
			t.chapter(c)
		}
	}
	return t.b.String()
}

func (t *ticket) chapter(c Chapter) {
	if len(c.Blocks) == 0 {
		return
	}
	t.put(t.heading(2, c.Title))
	for _, b := range c.Blocks {
		t.block(b)
	}
}

func (t *ticket) findings(d Document) {
	if len(d.Findings) == 0 {
		return // the top says so
	}
	t.put(t.heading(2, "Findings"))
	for i, f := range d.Findings {
		over := ""
		if f.Resolved {
			over = ", resolved"
		}
		about := fmt.Sprintf("%s, %s, confidence %s%s", f.Code, f.Level, f.Confidence, over)
		if t.brief && i > 0 {
			t.point(clipped(f.Title) + " (" + about + ")")
			continue
		}
		t.put(t.heading(3, clipped(f.Heading)))
		t.put(t.paragraph(about))
		for _, s := range finding.Sections(f.Finding) {
			if t.brief && s.Head != finding.HeadEvidence {
				continue
			}
			t.put(t.label(s.Head, ""))
			t.lines(s.Lines)
		}
	}
	if d.More > 0 {
		t.put(t.paragraph("And " + wording.Count(d.More, "more finding") + "."))
	}
}

func (t *ticket) block(b Block) {
	if b.Title != "" {
		t.put(t.heading(3, clipped(b.Title)))
	}
	if b.Note != "" {
		t.put(t.paragraph(clipped(b.Note)))
	}
	for _, l := range b.Lines {
		t.point(clipped(l))
	}
	if b.Table == nil {
		return
	}
	if text := t.table(b.Table); text != "" {
		t.put(text)
	} else {
		for _, r := range b.Table.Rows {
			t.point(row(b.Table.Columns, r))
		}
	}
	if b.Table.More != "" {
		t.put(t.paragraph("And " + clipped(b.Table.More) + "."))
	}
}

// row is a row of a table as a line.
func row(columns, cells []string) string {
	var out []string
	for i, c := range cells {
		if c != wording.None && c != "" {
			out = append(out, columns[i]+" "+wording.Clip(c, MaxCell))
		}
	}
	return strings.Join(out, ", ")
}

// lines writes sentences and commands.
func (t *ticket) lines(all []finding.Line) {
	for _, l := range all {
		if l.Text != "" {
			t.point(clipped(l.Sentence()))
		}
		if l.Command == "" {
			continue
		}
		if text, ok := t.command(l.Command); ok && l.Command == flow.Printable(strings.TrimSpace(l.Command)) {
			t.put(text)
		} else {
			t.point(l.Command)
		}
	}
}

// put adds a piece with an empty line before it.
func (t *ticket) put(text string) { t.add(text, false) }

// point adds an item of a list.
func (t *ticket) point(text string) { t.add(t.item(text), true) }

func (t *ticket) add(text string, item bool) {
	if t.full {
		return
	}
	if t.n > 0 && (!item || !t.list) {
		text = "\n" + text
	}
	t.list = item
	n := utf8.RuneCountInString(text) + 1
	if t.limit > 0 && t.n+n > t.limit-len(rest)-10 {
		t.full = true
		text = "\n" + t.paragraph(rest)
	}
	t.b.WriteString(text + "\n")
	t.n += n
}

func clipped(s string) string { return wording.Clip(strings.TrimSpace(s), MaxLine) }
