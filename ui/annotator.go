package ui

import (
	"errors"

	"detour/internal/flow"
	"detour/ui/pane"
)

// An annotator adds marks, notes and steps to flows.
type annotator struct{ *core }

// startNote asks for a note on the row, even if another row is selected meanwhile.
func (m *annotator) startNote() {
	f := m.shown()
	m.ask(prompt{
		kind: forNote, label: "note: ", text: f.Note, hint: "empty removes the note", enter: "save", esc: "cancel",
		done: func(text string) error { return m.note(f.ID, text) },
	})
}

func (m *annotator) note(id flow.ID, text string) error {
	text = flow.Printable(text)
	if err := m.act.Edit.Note(id, text); err != nil {
		return err
	}
	if text == "" {
		m.notify(pane.Good, "removed the note of #%d%s", id, m.unsavedNote())
		return nil
	}
	m.notify(pane.Good, "noted on #%d%s; :show note adds the column, 8 shows the rows", id, m.unsavedNote())
	return nil
}

// noteText adds the given note, or asks for one.
func (m *annotator) noteText(text string) error {
	if why := m.noNote(); why != "" {
		return errors.New(why)
	}
	if text == "" {
		m.startNote()
		return nil
	}
	return m.note(m.shown().ID, text)
}

func (m *annotator) noNote() string {
	if m.act.Edit.Note == nil {
		return "notes can't be saved here"
	}
	return m.noRow()
}
