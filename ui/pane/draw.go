package pane

import "detour/ui/text"

// PutRows draws the rows of a text pane, which were laid out for the width of c, from where
// s stands. It notes in s how much there is and what was found.
func (c Canvas) PutRows(laid []Row, s *Scroll) {
	c = c.Unmasked() // Layout has masked
	s.Height, s.Total, s.Hits = c.H, len(laid), s.Hits[:0]
	for i, l := range laid {
		if len(l.inLabel)+len(l.inText) > 0 {
			s.Hits = append(s.Hits, i)
		}
	}
	if s.Seek {
		s.Seek, s.hit = false, 0
		s.Find(false)
	}
	s.Move(0)
	if at := s.hit - 1; s.aim && at >= 0 && at < len(laid) {
		s.left = aim(laid[at].Line, laid[at].inText, s.left, c.W-LabelWidth-2)
	}
	s.aim = false
	for y := 0; y < c.H && s.Top+y < len(laid); y++ {
		l := laid[s.Top+y]
		if s.Top+y == s.hit-1 {
			c.Put(0, y, 1, "▸", Key)
		}
		switch {
		case l.Tone == Head:
			c.marked(0, y, c.W, l.Text, l.inText, Head, 0)
		case l.Tone == Body:
			c.marked(1, y, c.W-1, l.Text, l.inText, Body, s.left)
		case l.Text == "":
			c.marked(1, y, c.W-1, l.Label, l.inLabel, Dim, 0)
		default:
			c.marked(1, y, LabelWidth, l.Label, l.inLabel, Dim, 0)
			c.marked(1+LabelWidth+1, y, c.W-LabelWidth-2, l.Text, l.inText, l.Tone, s.left)
		}
	}
}

// aim is how far to the left a row has to be moved for the first thing that was
// found in it to be among w cells.
func aim(l Line, marks []text.Span, left, w int) int {
	if len(marks) == 0 {
		return left
	}
	before, in := text.Width(l.Text[:marks[0].From]), text.Width(l.Text[marks[0].From:marks[0].To])
	if before >= left && before+in <= left+w {
		return left
	}
	return max(0, before-w/3)
}

// marked writes a cleaned text from its left-th cell on, with what was found in it marked.
func (c Canvas) marked(x, y, w int, s string, marks []text.Span, t Tone, left int) {
	if left > 0 {
		off := text.Offset(s, left)
		marks, s = text.Clip(marks, off, len(s)), s[off:]
	}
	end, at := x+w, 0
	for _, m := range marks {
		x += c.Put(x, y, end-x, s[at:m.From], t)
		x += c.Put(x, y, end-x, s[m.From:m.To], Found)
		at = m.To
	}
	c.Put(x, y, end-x, s[at:], t)
}
