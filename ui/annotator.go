package ui

import (
	"errors"
	"time"

	"detour/internal/flow"
	"detour/ui/pane"
)

// An annotator adds marks, notes and steps to flows.
type annotator struct {
	state   *screenState
	unsaved bool // there are marks, notes or steps that will be lost
}

// startNote asks for a note on the row, even if another row is selected meanwhile.
func (m *annotator) startNote() {
	f := m.state.shown()
	m.state.prompts.ask(prompt{
		kind: forNote, label: "note: ", text: f.Note, hint: "empty removes the note", enter: "save", esc: "cancel",
		done: func(text string) error { return m.note(f.ID, text) },
	})
}

// note sets the note of a flow, or removes it.
func (m *annotator) note(id flow.ID, text string) error {
	text = flow.Printable(text)
	if err := m.state.act.Edit.Note(id, text); err != nil {
		return err
	}
	if text == "" {
		m.state.notify(pane.Good, "removed the note of #%d%s", id, m.unsavedNote())
		return nil
	}
	m.state.notify(pane.Good, "noted on #%d%s; :show note adds the column, 8 shows the rows", id, m.unsavedNote())
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
	return m.note(m.state.shown().ID, text)
}

func (m *annotator) noNote() string {
	if m.state.act.Edit.Note == nil {
		return m.state.unavailable("notes can't be saved here")
	}
	return m.state.noRow()
}

// mark marks or unmarks the row.
func (m *annotator) mark() {
	f := m.state.shown()
	if err := m.state.act.Edit.Mark(f.ID); err != nil {
		m.state.notify(pane.Bad, "mark #%d: %v", f.ID, err)
		return
	}
	if f.Marked {
		m.state.notify(pane.Good, "unmarked #%d%s", f.ID, m.unsavedNote())
		return
	}
	m.state.notify(pane.Good, "marked #%d%s", f.ID, m.unsavedNote())
}

// unsavedNote says how to keep a mark, a note or a step that would end with the screen, and
// records that there is one. It is "" if they are saved.
func (m *annotator) unsavedNote() string {
	if m.state.act.Edit.Unsaved == "" {
		return ""
	}
	m.unsaved = true
	return ", not saved: " + m.state.act.Edit.Unsaved
}

func (m *annotator) noMark() string {
	if m.state.act.Edit.Mark == nil {
		return m.state.unavailable("marks can't be saved here")
	}
	return m.state.noRow()
}

// beginStep begins a step; later flows belong to it.
func (m *annotator) beginStep(text string) error {
	if m.state.act.Edit.Step == nil && m.state.act.Unavailable != "" {
		return errors.New(m.state.act.Unavailable)
	}
	step := flow.Step{At: m.stepAt(), Text: flow.Printable(text)}
	if m.state.act.Edit.Step != nil {
		if err := m.state.act.Edit.Step(step); err != nil {
			return err
		}
	}
	n := m.state.m.addStep(step)
	m.state.m.review()
	m.state.notify(pane.Dim, "step %d begins%s; :show step adds its column, :group step groups by it", n, m.unsavedNote())
	return nil
}

// stepAt is when a step begins that is added now. In a recording it begins with the
// selected row.
func (m *annotator) stepAt() time.Time {
	if m.state.opt.Recorded == nil || !m.state.opt.Recorded() {
		return m.state.m.now
	}
	if f := m.state.shown(); f != nil {
		return f.Times.Start
	}
	return m.state.m.now
}
