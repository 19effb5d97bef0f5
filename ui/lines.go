package ui

import (
	"slices"
	"strconv"
	"strings"

	"detour/ui/text"
)

// A line is one line of a text pane, before it is wrapped: a label at the left,
// a text beside it. A heading has a text alone, and toneHead; so has a line of a
// body, which takes the whole width, and toneText.
type line struct {
	label   string
	text    string
	tone    tone
	host    bool // the whole text is a host
	partial bool // it says that there is more of a body than the page shows
	cut     int  // bytes of the text that were left out at its end
}

// A page is a list of lines under construction.
type page []line

func (p *page) head(text string) { *p = append(*p, line{text: text, tone: toneHead}) }

// add appends a line; one without a text is left out.
func (p *page) add(label, text string, t tone) {
	if text == "" {
		return
	}
	*p = append(*p, capped(line{label: label, text: text, tone: t}))
}

// host is add for a text that is a host and nothing else.
func (p *page) host(label, text string) {
	if text != "" {
		*p = append(*p, capped(line{label: label, text: text, tone: tonePlain, host: true}))
	}
}

// more appends a warning that the page has less than the whole of a body.
func (p *page) more(text string) {
	*p = append(*p, line{text: text, tone: toneWarn, partial: true})
}

// partial reports whether the page has less than the whole of a body.
func (p page) partial() bool {
	return slices.ContainsFunc(p, func(l line) bool { return l.partial })
}

// text appends a line of a body.
func (p *page) text(s string) { *p = append(*p, capped(line{text: s, tone: toneText})) }

// capped is the line with as much of its text as a pane shows.
func capped(l line) line {
	s, cut := text.Head(l.text, text.MaxLine)
	if cut {
		l.text, l.cut = s, len(l.text)-len(s)
	}
	return l
}

// whole is a text of the line, with how much was cut off it.
func (l line) whole(s string) string {
	if l.cut == 0 {
		return s
	}
	return s + text.Ellipsis + " (" + strconv.Itoa(l.cut) + " more bytes)"
}

// list appends texts under one label, each after a dash or what is given for it.
func (p *page) list(label, dash string, texts []string) {
	for _, s := range texts {
		p.add(label, dash+s, tonePlain)
		label = ""
	}
}

// plainText writes lines as plain text, to be pasted into a ticket.
func plainText(lines []line) string {
	var b strings.Builder
	for i, l := range lines {
		if l.tone == toneHead {
			if i > 0 {
				b.WriteByte('\n')
			}
			b.WriteString(text.Clean(l.whole(l.text)) + "\n")
			continue
		}
		if l.tone == toneText {
			b.WriteString("  " + text.Clean(l.whole(l.text)) + "\n")
			continue
		}
		label := text.Clean(l.label)
		b.WriteString("  " + label + strings.Repeat(" ", max(0, labelWidth-text.Width(label))) + " " + text.Clean(l.whole(l.text)) + "\n")
	}
	return b.String()
}
