package ui

import (
	"errors"

	"detour/internal/flow"
	"detour/ui/pane"
	"detour/ui/table"
)

// An annotator adds marks, notes and steps to flows.
type annotator struct{ *screenState }

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

// noteCommand adds the given note, or asks for one.
func (m *annotator) noteCommand(text string) error {
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

func (m *annotator) mark() {
	f := m.shown()
	if err := m.act.Edit.Mark(f.ID); err != nil {
		m.notify(pane.Bad, "mark #%d: %v", f.ID, err)
		return
	}
	if f.Marked {
		m.notify(pane.Good, "unmarked #%d%s", f.ID, m.unsavedNote())
		return
	}
	m.notify(pane.Good, "marked #%d%s", f.ID, m.unsavedNote())
}

func (m *annotator) passUnread() {
	host := table.Host(m.shown())
	unread, err := m.act.PassUnread(host)
	switch {
	case err != nil:
		m.notify(pane.Bad, "%s: %v", host, err)
	case unread:
		m.notify(pane.Good, "%s passes through undecrypted from its next connection on; u decrypts it again", host)
	default:
		m.notify(pane.Good, "%s is decrypted again from its next connection on", host)
	}
}

// unsavedNote says how to keep a mark, a note or a step that would end with the screen, and
// records that there is one. It is "" if they are saved.
func (c *screenState) unsavedNote() string {
	if c.act.Edit.Unsaved == "" {
		return ""
	}
	c.unsaved = true
	return ", not saved: " + c.act.Edit.Unsaved
}

func (m *annotator) noMark() string {
	if m.act.Edit.Mark == nil {
		return "marks can't be saved here"
	}
	return m.noRow()
}

func (m *annotator) noPassing() string {
	if m.act.PassUnread == nil {
		return "nothing is decrypted here"
	}
	return m.noRow()
}
