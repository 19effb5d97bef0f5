package ui

import (
	"detour/ui/pane"
	"detour/ui/text"
)

// startSearch asks what to look for in the text pane that has the keys. While it
// is typed, the pane goes to the first line that has it.
func (a *app) startSearch() {
	s := a.text()
	top := s.Top
	a.ask(prompt{
		kind: forFilter, label: "/", text: a.reading.Find, hint: "a text, in any case", enter: "keep the search", esc: "end it",
		changed: func(want string) error {
			a.reading.Find = text.Clean(want)
			s.Top, s.Seek = top, true
			return nil
		},
		left:   func() { a.reading.Find = "" },
		arrows: func(n int) { s.Find(n < 0) }, moves: "found lines",
	})
}

func (a *app) toggleWrap() {
	a.reading.Cut = !a.reading.Cut
	a.detail.Reset()
	a.finds.Reset()
	if a.diff != nil {
		a.diff.scroll.Reset()
	}
	if a.reading.Cut {
		a.say(pane.Dim, "lines are cut at the edge; h and l move them, w wraps them again")
		return
	}
	a.say(pane.Dim, "lines are wrapped")
}

func isWrapped(a *app) string {
	if !a.reading.Cut {
		return "lines are wrapped; w cuts them"
	}
	return ""
}

func noSearch(a *app) string {
	switch {
	case a.reading.Find == "":
		return "nothing is searched for; / does"
	case len(a.text().Hits) == 0 && a.focus == onDetail && a.laid.page.Partial():
		return "it isn't in the part that this pane shows"
	case len(a.text().Hits) == 0:
		return "it isn't in this pane"
	}
	return ""
}
