package ui

import (
	"detour/ui/pane"
	"detour/ui/text"
)

// startSearch asks for a term to search for in the text pane that has the focus. While it
// is typed, the pane scrolls to the first match.
func (d *core) startSearch() {
	s := d.scroll()
	top := s.Top
	d.ask(prompt{
		kind: forFilter, label: "/", text: d.reading.Find, hint: "text to find, in any case", enter: "keep the search", esc: "end the search",
		changed: func(want string) error {
			d.reading.Find = text.Clean(want)
			s.Top, s.Seek = top, true
			return nil
		},
		cancelled: func() { d.reading.Find = "" },
		arrows:    func(n int) { s.Find(n < 0) }, moves: "matches",
	})
}

func (d *core) toggleWrap() {
	d.reading.Cut = !d.reading.Cut
	d.detail.Reset()
	d.finds.Reset()
	if d.diff != nil {
		d.diff.scroll.Reset()
	}
	if d.reading.Cut {
		d.notify(pane.Dim, "long lines are cut; h and l scroll them, w wraps them again")
		return
	}
	d.notify(pane.Dim, "lines are wrapped")
}

func (d *core) isWrapped() string {
	if !d.reading.Cut {
		return "lines are wrapped; w cuts them"
	}
	return ""
}

func (d *core) noSearch() string {
	switch {
	case d.reading.Find == "":
		return "no search; / starts one"
	case len(d.scroll().Hits) == 0 && d.focus == onDetail && d.page.page.Partial():
		return "not found in the part that is shown"
	case len(d.scroll().Hits) == 0:
		return "not found in this pane"
	}
	return ""
}
