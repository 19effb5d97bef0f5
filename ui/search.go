package ui

import (
	"detour/ui/pane"
	"detour/ui/text"
)

// startSearch asks what to look for in the text pane that has the keys. While it
// is typed, the pane goes to the first line that has it.
func (d *core) startSearch() {
	s := d.scroll()
	top := s.Top
	d.ask(prompt{
		kind: forFilter, label: "/", text: d.reading.Find, hint: "a text, in any case", enter: "keep the search", esc: "end it",
		changed: func(want string) error {
			d.reading.Find = text.Clean(want)
			s.Top, s.Seek = top, true
			return nil
		},
		cancelled: func() { d.reading.Find = "" },
		arrows:    func(n int) { s.Find(n < 0) }, moves: "found lines",
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
		d.notify(pane.Dim, "lines are cut at the edge; h and l move them, w wraps them again")
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
		return "nothing is searched for; / does"
	case len(d.scroll().Hits) == 0 && d.focus == onDetail && d.page.page.Partial():
		return "it isn't in the part that this pane shows"
	case len(d.scroll().Hits) == 0:
		return "it isn't in this pane"
	}
	return ""
}
