package ui

import (
	"github.com/gdamore/tcell/v2"
	"github.com/rivo/tview"

	"detour/ui/pane"
)

// A mouse is the parts of the screen that the mouse can act on.
type mouse struct {
	on    bool   // detour uses it instead of the terminal
	areas []area // as drawn last
}

// An area is a part of the screen that the mouse can act on.
type area struct {
	x, y, w, h int
	click      func(line int) // counted from the first line of the area; may be nil
	wheel      func(n int)    // lines, down is positive; may be nil
}

// wheelLines is how many lines a notch of the wheel scrolls.
const wheelLines = 3

// area records what the mouse does in a part of the screen. Where parts overlap, the last
// one counts.
func (m *mouse) area(c pane.Canvas, click func(line int), wheel func(n int)) {
	m.areas = append(m.areas, area{c.X, c.Y, c.W, c.H, click, wheel})
}

// setMouse starts to use the mouse, or gives it back to the terminal, which can then select
// text.
func (a *app) setMouse() {
	a.mouse.on = !a.mouse.on
	a.tv.EnableMouse(a.mouse.on)
	if a.mouse.on {
		a.notify(pane.Dim, "the mouse selects rows and tabs, its wheel scrolls; :mouse returns it to the terminal")
		return
	}
	a.notify(pane.Dim, "the terminal has the mouse again")
}

// MouseHandler handles clicks and the wheel, unless a question is open.
func (r *root) MouseHandler() func(tview.MouseAction, *tcell.EventMouse, func(tview.Primitive)) (bool, tview.Primitive) {
	return func(action tview.MouseAction, ev *tcell.EventMouse, _ func(tview.Primitive)) (consumed bool, capture tview.Primitive) {
		r.app.guard(func() { consumed = r.app.point(action, ev) })
		return consumed, nil
	}
}

// point handles a mouse event, and reports whether it does anything.
func (a *app) point(action tview.MouseAction, ev *tcell.EventMouse) bool {
	if !a.mouse.on || a.prompts.line.open() || a.prompts.menu != nil {
		return false
	}
	x, y := ev.Position()
	for i := len(a.mouse.areas) - 1; i >= 0; i-- {
		r := a.mouse.areas[i]
		if x < r.x || x >= r.x+r.w || y < r.y || y >= r.y+r.h {
			continue
		}
		switch {
		case action == tview.MouseLeftDown && r.click != nil:
			a.notices.EndOutcome()
			r.click(y - r.y)
		case action == tview.MouseScrollDown && r.wheel != nil:
			r.wheel(wheelLines)
		case action == tview.MouseScrollUp && r.wheel != nil:
			r.wheel(-wheelLines)
		default:
			return false
		}
		return true
	}
	return false
}

// tableArea handles clicks on rows: the first one selects a row, another one opens it.
func (a *app) tableArea(c pane.Canvas) {
	m := a.m
	if m.view.group != "" {
		top := m.group.top
		a.mouse.area(c, func(line int) {
			a.panes.focus = onTable
			i := top + line - 1
			switch at := m.group.at(m.groups); {
			case line == 0 || i >= len(m.groups):
			case i == at && m.group.set:
				a.enterGroup()
			default:
				m.group.key, m.group.set = m.groups[i].Key, true
			}
		}, func(n int) { m.group.move(m.groups, n) })
		return
	}
	top := m.cursor.top(m)
	a.mouse.area(c, func(line int) {
		a.panes.focus = onTable
		i := top + line - 1
		switch {
		case line == 0 || i >= len(m.rows):
		case m.rows[i].ID == m.cursor.id:
			a.openDetail()
		default:
			m.cursor.pin(m, i)
			a.panes.detail.Reset()
		}
	}, func(n int) { m.cursor.move(m, n) })
}

// textArea handles the wheel in a text pane, and gives it the focus when it is clicked.
func (a *app) textArea(c pane.Canvas, s *pane.Scroll, of focus) {
	a.mouse.area(c, func(int) {
		if of != 0 {
			a.panes.focus = of
		}
	}, s.Move)
}
