package ui

import (
	"detour/ui/pane"
	"detour/ui/text"
)

// startSearch asks for a term to search for in the text pane that has the focus. While it
// is typed, the pane scrolls to the first match.
func (c *screenState) startSearch() {
	s := c.panes.scroll()
	top := s.Top
	c.prompts.ask(prompt{
		kind: forFilter, label: "/", text: c.panes.reading.Find, hint: "text to find, in any case",
		enter: "keep the search", esc: "end the search",
		changed: func(want string) error {
			c.panes.reading.Find = text.Clean(want)
			s.Top, s.Seek = top, true
			return nil
		},
		cancelled: func() { c.panes.reading.Find = "" },
		arrows:    func(n int) { s.Find(n < 0) }, moves: "matches",
	})
}

func (c *screenState) toggleWrap() {
	c.panes.reading.Cut = !c.panes.reading.Cut
	c.panes.detail.Reset()
	c.panes.finds.Reset()
	if c.panes.diff != nil {
		c.panes.diff.scroll.Reset()
	}
	if c.panes.reading.Cut {
		c.notify(pane.Dim, "long lines are cut; h and l scroll them, w wraps them again")
		return
	}
	c.notify(pane.Dim, "lines are wrapped")
}

func (c *screenState) isWrapped() string {
	if !c.panes.reading.Cut {
		return "lines are wrapped; w cuts them"
	}
	return ""
}

func (c *screenState) noSearch() string {
	switch {
	case c.panes.reading.Find == "":
		return "no search; / starts one"
	case len(c.panes.scroll().Hits) == 0 && c.panes.focus == onDetail && c.panes.page.page.Partial():
		return "not found in the part that is shown"
	case len(c.panes.scroll().Hits) == 0:
		return "not found in this pane"
	}
	return ""
}
