package pane

import (
	"strconv"
	"strings"

	"detour/ui/text"
)

// A Line is one line of a text pane before it is wrapped: a label on the left and a text
// next to it. A heading has only a text and the tone Head; a line of a body has only a
// text and the tone Body, and takes the whole width.
type Line struct {
	Label   string
	Text    string
	Tone    Tone
	host    bool // the whole text is a host
	partial bool // it says that the page doesn't show a whole body
	cut     int  // bytes that were cut off the end of the text
}

// capped cuts the text of a line to what a pane shows.
func capped(l Line) Line {
	s, cut := text.Head(l.Text, text.MaxLine)
	if cut {
		l.Text, l.cut = s, len(l.Text)-len(s)
	}
	return l
}

// Capped returns s as a pane shows it: cut to [text.MaxLine], with how much is missing.
func Capped(s string) string {
	l := capped(Line{Text: s})
	return l.whole(l.Text)
}

// whole is s, the text of the line, with how much was cut off.
func (l Line) whole(s string) string {
	if l.cut == 0 {
		return s
	}
	return s + text.Ellipsis + " (" + strconv.Itoa(l.cut) + " more bytes)"
}

// Shown returns label and text of the line as a pane shows them.
func (l Line) Shown() (label, shown string) { return text.Clean(l.Label), text.Clean(l.whole(l.Text)) }

// PlainText writes lines as plain text, for example to be pasted into a ticket.
func PlainText(lines []Line) string {
	var b strings.Builder
	for i, l := range lines {
		if l.Tone == Head {
			if i > 0 {
				b.WriteByte('\n')
			}
			b.WriteString(text.Clean(l.whole(l.Text)) + "\n")
			continue
		}
		if l.Tone == Body {
			b.WriteString("  " + text.Clean(l.whole(l.Text)) + "\n")
			continue
		}
		label := text.Clean(l.Label)
		row := "  " + label + strings.Repeat(" ", max(0, LabelWidth-text.Width(label))) + " " + text.Clean(l.whole(l.Text))
		b.WriteString(strings.TrimRight(row, " ") + "\n")
	}
	return b.String()
}
