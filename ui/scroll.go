package ui

import "strconv"

// labelWidth is the room of a line's label in a text pane.
const labelWidth = 13

// A scroll is where a text pane is scrolled to.
type scroll struct {
	top   int
	page  int // height, as drawn last
	total int // wrapped lines, as drawn last
}

// move goes by n lines, within what there is.
func (s *scroll) move(n int) { s.top = max(0, min(s.top+n, s.total-s.page)) }

// where says which part is seen; "" if all is.
func (s *scroll) where() string {
	if s.total <= s.page {
		return ""
	}
	return strconv.Itoa(s.top+1) + "–" + strconv.Itoa(min(s.top+s.page, s.total)) + " of " + strconv.Itoa(s.total)
}

// lay wraps lines to w cells: a text goes on beneath itself, beside its label.
func lay(lines []line, w int) []line {
	var out []line
	for i, l := range lines {
		if l.tone == toneHead {
			if i > 0 {
				out = append(out, line{})
			}
			out = append(out, l)
			continue
		}
		if l.tone == toneText {
			for _, s := range wrap(clean(l.text), w-2) {
				out = append(out, line{"", s, toneText})
			}
			continue
		}
		label := clean(l.label)
		if width(label) > labelWidth { // a long header name has a line of its own
			out = append(out, line{label, "", l.tone})
			label = ""
		}
		for _, s := range wrap(clean(l.text), w-labelWidth-2) {
			out = append(out, line{label, s, l.tone})
			label = ""
		}
	}
	return out
}

// lines draws a text pane of lines that were laid out for its width.
func (c canvas) lines(laid []line, s *scroll) {
	s.page, s.total = c.h, len(laid)
	s.move(0)
	for y := 0; y < c.h && s.top+y < len(laid); y++ {
		l := laid[s.top+y]
		if l.tone == toneHead {
			c.put(0, y, c.w, l.text, toneHead)
			continue
		}
		if l.tone == toneText {
			c.put(1, y, c.w-1, l.text, toneText)
			continue
		}
		if l.text == "" {
			c.put(1, y, c.w-1, l.label, toneDim)
			continue
		}
		c.put(1, y, labelWidth, l.label, toneDim)
		c.put(1+labelWidth+1, y, c.w-labelWidth-2, l.text, l.tone)
	}
}
