package ui

import (
	"detour/ui/text"
)

// startSearch asks what to look for in the text pane that has the keys. While it
// is typed, the pane goes to the first line that has it.
func (a *app) startSearch() {
	s := a.text()
	top := s.top
	a.ask(prompt{
		kind: forFilter, label: "/", text: a.reading.find, hint: "a text, in any case", enter: "keep the search", esc: "end it",
		changed: func(want string) error {
			a.reading.find = text.Clean(want)
			s.top, s.seek = top, true
			return nil
		},
		left:   func() { a.reading.find = "" },
		arrows: func(n int) { s.find(n < 0) }, moves: "found lines",
	})
}

func (a *app) toggleWrap() {
	a.reading.cut = !a.reading.cut
	a.detail.start()
	a.finds.start()
	if a.diff != nil {
		a.diff.scroll.start()
	}
	if a.reading.cut {
		a.say(toneDim, "lines are cut at the edge; h and l move them, w wraps them again")
		return
	}
	a.say(toneDim, "lines are wrapped")
}

func isWrapped(a *app) string {
	if !a.reading.cut {
		return "lines are wrapped; w cuts them"
	}
	return ""
}

func noSearch(a *app) string {
	switch {
	case a.reading.find == "":
		return "nothing is searched for; / does"
	case len(a.text().hits) == 0 && a.focus == onDetail && a.laid.page.partial():
		return "it isn't in the part that this pane shows"
	case len(a.text().hits) == 0:
		return "it isn't in this pane"
	}
	return ""
}
