package ui

import (
	"errors"

	"detour/internal/flow"
	"detour/ui/pane"
)

// startNote asks for a note on the row. The row may move on while it is written.
func (a *app) startNote() {
	f := a.shown()
	a.ask(prompt{
		kind: forNote, label: "note: ", text: f.Note, hint: "empty takes it away", enter: "keep it", esc: "leave it as it was",
		done: func(text string) error { return a.note(f.ID, text) },
	})
}

func (a *app) note(id flow.ID, text string) error {
	text = flow.Printable(text)
	if err := a.act.Note(id, text); err != nil {
		return err
	}
	if text == "" {
		a.say(pane.Good, "#%d has no note any more%s", id, a.fleeting())
		return nil
	}
	a.say(pane.Good, "noted on #%d%s; :show note has the column, 8 the rows", id, a.fleeting())
	return nil
}

// noteText writes a note that was given, or asks for one.
func (a *app) noteText(text string) error {
	if why := noNote(a); why != "" {
		return errors.New(why)
	}
	if text == "" {
		a.startNote()
		return nil
	}
	return a.note(a.shown().ID, text)
}

func noNote(a *app) string {
	if a.act.Note == nil {
		return "notes can't be kept here"
	}
	return noRow(a)
}
