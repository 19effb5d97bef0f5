package ui

import (
	"cmp"
	"fmt"
	"strings"

	"detour/internal/filter"
	"detour/ui/pane"
	"detour/ui/table"
)

// A columnEditor changes which columns are shown.
type columnEditor struct{ *viewSet }

// columns is the choice that applies: the one in the chooser, else that of a saved view
// that has one, else the general one.
func (l *viewSet) columns() table.Choice {
	if l.chooser != nil {
		return l.chooser.choice
	}
	if c := l.m.view.columns; c != nil {
		return c
	}
	return l.choice
}

// useColumns applies a choice, and saves it: with the saved view, if that has columns of
// its own, else for all other views.
func (cs *columnEditor) useColumns(c table.Choice) error {
	what, kept := cmp.Or(c.String(), "those that fit the screen"), " for this run"
	if s := cs.m.view.saved; s != nil && cs.m.view.columns != nil {
		saved := *s
		saved.Columns, kept = c.String(), " saved in "+s.Name
		v, err := cs.storeView(saved)
		if err != nil {
			return err
		}
		cs.m.view.columns, cs.m.view.saved = v.columns, v.saved // its rows may be sorted differently for now
	} else {
		if cs.act.Save.Columns != nil {
			if err := cs.act.Save.Columns(c.String()); err != nil {
				return err
			}
			kept = " saved"
		}
		cs.choice = c
	}
	cs.notify(pane.Good, "columns%s: %s", kept, what)
	return nil
}

func (cs *columnEditor) setColumns(arg string) error {
	if arg == "" {
		cs.startChooser()
		return nil
	}
	c, err := table.ParseChoice(arg)
	if err != nil {
		return err
	}
	return cs.useColumns(c)
}

func (cs *columnEditor) hideColumn(arg string) error {
	if _, ok := table.ColumnNamed(arg); !ok {
		return fmt.Errorf("choose one of %s", table.List(table.ColumnNames()))
	}
	c := cs.columns().Without(arg)
	if len(c) == 0 {
		return fmt.Errorf("the last column can't be hidden; :columns default restores the usual ones")
	}
	return cs.useColumns(c)
}

func (cs *columnEditor) showColumn(arg string) error {
	w, err := table.ParseColumn(arg)
	if err != nil {
		return err
	}
	return cs.useColumns(cs.columns().With(w.Name, w.Width))
}

func columnNames(*app) []filter.Candidate { return table.ColumnNames() }

// columnWords are the candidates for :columns.
func (cs *columnEditor) columnWords() []filter.Candidate {
	out := append(table.ColumnNames(), filter.Candidate{Text: table.DefaultChoice, Doc: "those that fit the screen"})
	for _, c := range table.Columns() {
		out = append(out, filter.Candidate{Text: "+" + c.Name, Doc: "show: " + c.Doc})
	}
	for _, c := range table.Columns() {
		out = append(out, filter.Candidate{Text: "-" + c.Name, Doc: "hide: " + c.Doc})
	}
	return out
}

// loadColumns applies the choice of an earlier run.
func (cs *columnEditor) loadColumns(text string) {
	c, err := table.ParseChoice(strings.TrimSpace(text))
	if err != nil {
		cs.notify(pane.Warn, "columns: %v", err)
		return
	}
	cs.choice = c
}
