package ui

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/gdamore/tcell/v2"

	"detour/internal/filter"
	"detour/ui/columns"
	"detour/ui/pane"
	"detour/ui/table"
)

// A columnEditor changes which columns are shown.
type columnEditor struct {
	state   *screenState
	views   *viewSet         // one of which may have columns of its own
	choice  table.Choice     // of the views without columns of their own
	chooser *columns.Chooser // nil: it is closed
}

// current is the choice that applies: the one in the chooser, else that of a saved view
// that has one, else the general one.
func (cs *columnEditor) current() table.Choice {
	if cs.chooser != nil {
		return cs.chooser.Choice()
	}
	if c := cs.state.m.view.columns; c != nil {
		return c
	}
	return cs.choice
}

// use applies a choice, and saves it: with the saved view, if that has columns of
// its own, else for all other views.
func (cs *columnEditor) use(c table.Choice) error {
	what, kept := cmp.Or(c.String(), "those that fit the screen"), " for this run"
	if s := cs.state.m.view.saved; s != nil && cs.state.m.view.columns != nil {
		saved := *s
		saved.Columns, kept = c.String(), " saved in "+s.Name
		v, err := cs.views.store(saved)
		if err != nil {
			return err
		}
		cs.state.m.view.columns, cs.state.m.view.saved = v.columns, v.saved // its rows may be sorted differently for now
	} else {
		if cs.state.act.Save.Columns != nil {
			if err := cs.state.act.Save.Columns(c.String()); err != nil {
				return err
			}
			kept = " saved"
		}
		cs.choice = c
	}
	cs.state.notify(pane.Good, "columns%s: %s", kept, what)
	return nil
}

// set applies the columns that were typed, or opens the chooser.
func (cs *columnEditor) set(arg string) error {
	if arg == "" {
		cs.open()
		return nil
	}
	c, err := table.ParseChoice(arg)
	if err != nil {
		return err
	}
	return cs.use(c)
}

// hide hides a column.
func (cs *columnEditor) hide(arg string) error {
	if _, ok := table.ColumnNamed(arg); !ok {
		return fmt.Errorf("choose one of %s", table.List(table.ColumnNames()))
	}
	c := cs.current().Without(arg)
	if len(c) == 0 {
		return fmt.Errorf("the last column can't be hidden; :columns default restores the usual ones")
	}
	return cs.use(c)
}

// show shows a column, with a width if one was typed.
func (cs *columnEditor) show(arg string) error {
	w, err := table.ParseColumn(arg)
	if err != nil {
		return err
	}
	return cs.use(cs.current().With(w.Name, w.Width))
}

// candidates are the candidates for :columns.
func (cs *columnEditor) candidates() []filter.Candidate {
	out := append(table.ColumnNames(), filter.Candidate{Text: table.DefaultChoice, Doc: "those that fit the screen"})
	for _, c := range table.Columns() {
		out = append(out, filter.Candidate{Text: "+" + c.Name, Doc: "show: " + c.Doc})
	}
	for _, c := range table.Columns() {
		out = append(out, filter.Candidate{Text: "-" + c.Name, Doc: "hide: " + c.Doc})
	}
	return out
}

// load applies the choice of an earlier run.
func (cs *columnEditor) load(text string) {
	c, err := table.ParseChoice(strings.TrimSpace(text))
	if err != nil {
		cs.state.notify(pane.Warn, "columns: %v", err)
		return
	}
	cs.choice = c
}

// open opens the chooser.
func (cs *columnEditor) open() {
	if cs.state.m.view.group != "" {
		cs.state.notify(pane.Warn, "groups have fixed columns; :group off shows the flows")
		return
	}
	width := func() int { w, _ := cs.state.screen.Size(); return w }
	cs.chooser = columns.New(cs.current(), width, func(text string) { cs.state.notify(pane.Warn, "%s", text) })
}

// key handles a key in the chooser.
func (cs *columnEditor) key(ev *tcell.EventKey) {
	c := cs.chooser
	closed, taken := c.Key(ev)
	if closed {
		cs.chooser = nil
	}
	if taken && c.Choice().String() != cs.current().String() {
		if err := cs.use(c.Choice()); err != nil {
			cs.state.notify(pane.Bad, "columns: %v", err)
		}
	}
}
