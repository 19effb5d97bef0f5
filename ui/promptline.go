package ui

import (
	"errors"

	"detour/internal/filter"
)

// promptLine draws the line that is typed, with what is wrong in it marked, and
// what that is at the right.
func (a *app) promptLine(c canvas) {
	p := &a.prompt
	x := c.put(0, 0, c.w, p.label, toneKey)
	from, to, said := len(p.text), len(p.text), ""
	if p.err != nil {
		from, to, said = len(p.text), len(p.text), p.err.Error()
		var e *filter.Error
		if errors.As(p.err, &e) && e.Text == p.text {
			from, to = e.From, e.To
		}
	}
	skip := 0
	for skip < p.at && width(clean(p.text[skip:p.at])) > c.w*2/3 { // what is being typed must be seen
		skip += len(firstCharacter(p.text[skip:]))
	}
	put := func(a, b int, t tone) {
		if a, b = max(a, skip), max(b, skip); a < b {
			x += c.put(x, 0, c.w-x, p.text[a:b], t)
		}
	}
	at := x + width(clean(p.text[skip:p.at]))
	put(0, from, tonePlain)
	put(from, to, toneWrong)
	put(to, len(p.text), tonePlain)
	if from == to && p.err != nil { // something is missing at the end
		c.put(x, 0, 1, " ", toneWrong)
	}
	a.screen.ShowCursor(c.x+min(at, c.w-1), c.y)
	if said != "" {
		c.right(x+2, 0, c.w-x-2, said, c.th[toneBad])
		return
	}
	c.right(x+2, 0, c.w-x-2, p.hint, c.th[toneDim])
}

// offers draws what Tab would write, the next one first in line.
func (a *app) offers(c canvas) bool {
	o := a.prompt.offer
	n := len(o.Candidates)
	if n == 0 || a.prompt.text == "" && a.prompt.err == nil && o.next == 0 && n > 12 {
		return false
	}
	x := c.put(0, 0, c.w, "Tab", toneKey) + 1
	for i := range n {
		cand := o.Candidates[(o.next+i)%n]
		t := toneDim
		if i == 0 {
			t = toneAccent
		}
		text := cand.Text
		if i == 0 && cand.Doc != "" {
			text += " (" + cand.Doc + ")"
		}
		if i > 0 && x+width(clean(text)) > c.w {
			break
		}
		x += c.put(x, 0, c.w-x, text, t) + 2
	}
	return true
}
