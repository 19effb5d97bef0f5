package ui

import "detour/internal/filter"

// startFilter asks for a filter, and applies it while it is typed.
func (a *app) startFilter() {
	before := a.m.filter.Text()
	a.prompts.ask(prompt{
		kind: forFilter, label: "/", text: before,
		hint:  "words, or key:value such as tcp:timeout; see detour help filters",
		enter: "keep the filter", esc: "restore the previous one",
		complete:  func(text string) filter.Completion { return filter.Complete(text, a.m.seen) },
		changed:   a.tryFilter,
		done:      a.m.setFilter,
		cancelled: func() { _ = a.m.setFilter(before) },
		arrows:    func(n int) { a.m.cursor.move(a.m, n) }, moves: "rows",
	})
}

// tryFilter applies a filter that may be incomplete. If it can't be parsed, the words
// before the last one apply.
func (a *app) tryFilter(text string) error {
	err := a.m.setFilter(text)
	if err != nil {
		_ = a.m.setFilter(filter.Settled(text)) // if that can't be parsed either, the previous filter stays
	}
	return err
}
