package ui

import (
	"detour/ui/mask"
	"detour/ui/text"
)

// labelWidth is the room of a line's label in a text pane.
const labelWidth = 13

// A reading is how a person reads the text panes.
type reading struct {
	find string       // what is searched for; "": nothing
	cut  bool         // lines are cut at the edge instead of wrapped
	mask *mask.Masker // masks what identifies somebody; nil: nobody looks on
}

// A laidLine is a row of a text pane.
type laidLine struct {
	line
	of              int         // index of the line that it is a part of
	inLabel, inText []text.Span // what was found
}

// clean is a text as it may be shown.
func (r reading) clean(s string) string { return text.Clean(r.mask.Text(s)) }

// text is the text of a line as it may be shown.
func (r reading) text(l line) string {
	s := l.text
	if l.host {
		s = r.mask.Host(s)
	}
	if l.cut > 0 {
		s = r.mask.Cut(s)
	}
	return text.Clean(l.whole(r.mask.Text(s)))
}

// lay breaks lines into rows of w cells: a text goes on beneath itself, beside its
// label. What is searched for is found also where a break goes through it.
func lay(lines []line, w int, r reading) []laidLine {
	var out []laidLine
	add := func(of int, label, want string, t tone, w int) {
		inLabel, inText := text.Find(label, r.find), text.Find(want, r.find)
		rows := []text.Span{{To: len(want)}}
		if !r.cut {
			rows = text.WrapSpans(want, w)
		}
		for _, s := range rows {
			out = append(out, laidLine{line{label: label, text: want[s.From:s.To], tone: t}, of, inLabel, text.Clip(inText, s.From, s.To)})
			label, inLabel = "", nil
		}
	}
	for i, l := range lines {
		label, want := r.clean(l.label), r.text(l)
		switch {
		case l.tone == toneHead:
			if i > 0 {
				out = append(out, laidLine{})
			}
			out = append(out, laidLine{line: line{text: want, tone: toneHead}, of: i, inText: text.Find(want, r.find)})
		case l.tone == toneText:
			add(i, "", want, toneText, w-2)
		case text.Width(label) > labelWidth: // a long header name has a line of its own
			out = append(out, laidLine{line: line{label: label, tone: l.tone}, of: i, inLabel: text.Find(label, r.find)})
			add(i, "", want, l.tone, w-labelWidth-2)
		default:
			add(i, label, want, l.tone, w-labelWidth-2)
		}
	}
	return out
}

// lines draws a text pane of rows that were laid out for its width.
func (c canvas) lines(laid []laidLine, s *scroll) {
	c = c.bare() // lay has masked
	s.page, s.total, s.hits = c.h, len(laid), s.hits[:0]
	for i, l := range laid {
		if len(l.inLabel)+len(l.inText) > 0 {
			s.hits = append(s.hits, i)
		}
	}
	if s.seek {
		s.seek, s.hit = false, 0
		s.find(false)
	}
	s.move(0)
	if at := s.hit - 1; s.aim && at >= 0 && at < len(laid) {
		s.left = aim(laid[at].line, laid[at].inText, s.left, c.w-labelWidth-2)
	}
	s.aim = false
	for y := 0; y < c.h && s.top+y < len(laid); y++ {
		l := laid[s.top+y]
		if s.top+y == s.hit-1 {
			c.put(0, y, 1, "▸", toneKey)
		}
		switch {
		case l.tone == toneHead:
			c.marked(0, y, c.w, l.text, l.inText, toneHead, 0)
		case l.tone == toneText:
			c.marked(1, y, c.w-1, l.text, l.inText, toneText, s.left)
		case l.text == "":
			c.marked(1, y, c.w-1, l.label, l.inLabel, toneDim, 0)
		default:
			c.marked(1, y, labelWidth, l.label, l.inLabel, toneDim, 0)
			c.marked(1+labelWidth+1, y, c.w-labelWidth-2, l.text, l.inText, l.tone, s.left)
		}
	}
}

// aim is how far to the left a row has to be moved for the first thing that was
// found in it to be among w cells.
func aim(l line, marks []text.Span, left, w int) int {
	if len(marks) == 0 {
		return left
	}
	before, in := text.Width(l.text[:marks[0].From]), text.Width(l.text[marks[0].From:marks[0].To])
	if before >= left && before+in <= left+w {
		return left
	}
	return max(0, before-w/3)
}

// marked writes a cleaned text from its left-th cell on, with what was found in it marked.
func (c canvas) marked(x, y, w int, s string, marks []text.Span, t tone, left int) {
	if left > 0 {
		off := text.Offset(s, left)
		marks, s = text.Clip(marks, off, len(s)), s[off:]
	}
	end, at := x+w, 0
	for _, m := range marks {
		x += c.put(x, y, end-x, s[at:m.From], t)
		x += c.put(x, y, end-x, s[m.From:m.To], toneFound)
		at = m.To
	}
	c.put(x, y, end-x, s[at:], t)
}
