package ui

import (
	"detour/ui/pane"
	"detour/ui/text"
)

// startSearch asks for a term to search for in the text pane that has the focus. While it
// is typed, the pane scrolls to the first match.
func (c *screenState) startSearch() {
	s := c.scroll()
	top := s.Top
	c.ask(prompt{
		kind: forFilter, label: "/", text: c.reading.Find, hint: "text to find, in any case", enter: "keep the search", esc: "end the search",
		changed: func(want string) error {
			c.reading.Find = text.Clean(want)
			s.Top, s.Seek = top, true
			return nil
		},
		cancelled: func() { c.reading.Find = "" },
		arrows:    func(n int) { s.Find(n < 0) }, moves: "matches",
	})
}

func (c *screenState) toggleWrap() {
	c.reading.Cut = !c.reading.Cut
	c.detail.Reset()
	c.finds.Reset()
	if c.diff != nil {
		c.diff.scroll.Reset()
	}
	if c.reading.Cut {
		c.notify(pane.Dim, "long lines are cut; h and l scroll them, w wraps them again")
		return
	}
	c.notify(pane.Dim, "lines are wrapped")
}

func (c *screenState) isWrapped() string {
	if !c.reading.Cut {
		return "lines are wrapped; w cuts them"
	}
	return ""
}

func (c *screenState) noSearch() string {
	switch {
	case c.reading.Find == "":
		return "no search; / starts one"
	case len(c.scroll().Hits) == 0 && c.focus == onDetail && c.page.page.Partial():
		return "not found in the part that is shown"
	case len(c.scroll().Hits) == 0:
		return "not found in this pane"
	}
	return ""
}
