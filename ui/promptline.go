package ui

import (
	"errors"

	"detour/internal/filter"
	"detour/ui/mask"
	"detour/ui/pane"
	"detour/ui/text"
)

// drawLine draws the line that is being typed, with an error marked in it and explained
// on the right.
func (ps *prompter) drawLine(c pane.Canvas) {
	p, masker := &ps.line, c.Mask
	typed := masker.Input(p.text) // as a whole: the part out of sight on the left may decide what is masked
	c = c.Unmasked()
	x := c.Put(0, 0, c.W, p.label, pane.Key)
	from, to, problem := len(p.text), len(p.text), ""
	if p.err != nil {
		from, to, problem = len(p.text), len(p.text), masker.Quoting(p.err.Error(), p.text)
		var e *filter.Error
		if errors.As(p.err, &e) && e.Text == p.text {
			from, to = e.From, e.To
		}
	}
	skip := 0
	for skip < p.at && text.Width(text.Clean(p.text[skip:p.at])) > c.W*2/3 { // keep the cursor in sight
		skip += len(text.FirstCharacter(p.text[skip:]))
	}
	put := func(a, b int, t pane.Tone) {
		if a, b = max(a, skip), max(b, skip); a < b {
			x += c.Put(x, 0, c.W-x, typed.Part(a, b), t)
		}
	}
	at := x + text.Width(text.Clean(p.text[skip:p.at]))
	put(0, from, pane.Plain)
	put(from, to, pane.Wrong)
	put(to, len(p.text), pane.Plain)
	if from == to && p.err != nil { // mark the place where something is missing
		c.Put(x, 0, 1, " ", pane.Wrong)
	}
	c.Screen.ShowCursor(c.X+min(at, c.W-1), c.Y)
	if problem != "" {
		c.PutRight(x+2, 0, c.W-x-2, problem, c.Theme[pane.Bad])
		return
	}
	c.PutRight(x+2, 0, c.W-x-2, p.hint, c.Theme[pane.Dim])
}

// drawOffers draws the candidates of Tab, the next one first.
func (ps *prompter) drawOffers(c pane.Canvas) bool {
	o, masker := ps.line.offer, c.Mask
	c = c.Unmasked()
	host := mask.EndsInHostKey(o.base[:min(o.From, len(o.base))])
	n := len(o.Candidates)
	if n == 0 || ps.line.text == "" && ps.line.err == nil && o.next == 0 && n > 12 {
		return false
	}
	x := c.Put(0, 0, c.W, "Tab", pane.Key) + 1
	for i := range n {
		cand := o.Candidates[(o.next+i)%n]
		t := pane.Dim
		if i == 0 {
			t = pane.Accent
		}
		s, doc := masker.Text(cand.Text), masker.Text(cand.Doc)
		switch { // what people wrote may be a part of a name
		case host && doc == "":
			s = masker.Host(cand.Text)
		case doc == "", ps.personal(cand.Text):
			s, doc = masker.Typed(cand.Text), masker.Typed(cand.Doc)
		}
		if i == 0 && doc != "" {
			s += " (" + doc + ")"
		}
		if i > 0 && x+text.Width(text.Clean(s)) > c.W {
			break
		}
		x += c.Put(x, 0, c.W-x, s, t) + 2
	}
	return true
}
