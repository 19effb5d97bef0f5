package ui

import (
	"strconv"
	"strings"
)

// A line is one line of a text pane, before it is wrapped: a label at the left,
// a text beside it. A heading has a text alone, and toneHead; so has a line of a
// body, which takes the whole width, and toneText.
type line struct {
	label string
	text  string
	tone  tone
}

// maxText is how much of one text a pane shows, in bytes. A header may have a
// megabyte; nobody reads it here.
const maxText = 4096

// A page is a list of lines under construction.
type page []line

func (p *page) head(text string) { *p = append(*p, line{"", text, toneHead}) }

// add appends a line; one without a text is left out.
func (p *page) add(label, text string, t tone) {
	if text == "" {
		return
	}
	*p = append(*p, line{label, capped(text), t})
}

// text appends a line of a body.
func (p *page) text(s string) { *p = append(*p, line{"", capped(s), toneText}) }

// capped is what a pane shows of a text.
func capped(text string) string {
	s, cut := head(text, maxText)
	if !cut {
		return text
	}
	return s + ellipsis + " (" + strconv.Itoa(len(text)-len(s)) + " more bytes)"
}

// list appends texts under one label, each after a dash or what is given for it.
func (p *page) list(label, dash string, texts []string) {
	for _, s := range texts {
		p.add(label, dash+s, tonePlain)
		label = ""
	}
}

// text writes lines as plain text, to be pasted into a ticket.
func text(lines []line) string {
	var b strings.Builder
	for i, l := range lines {
		if l.tone == toneHead {
			if i > 0 {
				b.WriteByte('\n')
			}
			b.WriteString(clean(l.text) + "\n")
			continue
		}
		if l.tone == toneText {
			b.WriteString("  " + clean(l.text) + "\n")
			continue
		}
		label := clean(l.label)
		b.WriteString("  " + label + strings.Repeat(" ", max(0, labelWidth-width(label))) + " " + clean(l.text) + "\n")
	}
	return b.String()
}
