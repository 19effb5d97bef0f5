package ui

import (
	"detour/ui/pane"
	"detour/ui/text"
)

// startSearch asks for a term to search for in the text pane that has the focus. While it
// is typed, the pane scrolls to the first match.
func (a *app) startSearch() { a.searchIn(a.scroll(), &a.panes.reading.Find) }

// searchIn asks for the term to search for in a text pane.
func (a *app) searchIn(s *pane.Scroll, find *string) {
	top := s.Top
	a.prompts.ask(prompt{
		kind: forFilter, label: "/", text: *find, hint: "text to find, in any case",
		enter: "keep the search", esc: "end the search",
		changed: func(want string) error {
			*find = text.Clean(want)
			s.Top, s.Seek = top, true
			return nil
		},
		cancelled: func() { *find = "" },
		arrows:    func(n int) { s.Find(n < 0) }, moves: "matches",
	})
}

func (a *app) toggleWrap() {
	a.panes.reading.Cut = !a.panes.reading.Cut
	a.panes.detail.Reset()
	a.panes.finds.Reset()
	if a.diff.result != nil {
		a.diff.result.scroll.Reset()
	}
	if a.panes.reading.Cut {
		a.notify(pane.Dim, "long lines are cut; h and l scroll them, w wraps them again")
		return
	}
	a.notify(pane.Dim, "lines are wrapped")
}

func (s *screenState) isWrapped() string {
	if !s.panes.reading.Cut {
		return "lines are wrapped; w cuts them"
	}
	return ""
}

func (a *app) noSearch() string {
	switch {
	case a.panes.reading.Find == "":
		return "no search; / starts one"
	case len(a.scroll().Hits) == 0 && a.panes.focus == onDetail && a.panes.page.page.Partial():
		return "not found in the part that is shown"
	case len(a.scroll().Hits) == 0:
		return "not found in this pane"
	}
	return ""
}
