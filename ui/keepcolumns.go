package ui

import (
	"cmp"
	"fmt"
	"strings"

	"detour/internal/filter"
	"detour/ui/pane"
	"detour/ui/table"
)

// columns are the choice that holds: the one being made, else that of the view, if it
// was saved with one.
func (a *app) columns() table.Choice {
	if a.chooser != nil {
		return a.chooser.choice
	}
	if c := a.m.view.columns; c != nil {
		return c
	}
	return a.chosen
}

// useColumns has a choice hold from now on. It is remembered where it belongs: with
// the saved view that has columns of its own, or for all others.
func (a *app) useColumns(c table.Choice) error {
	what, kept := cmp.Or(c.String(), "what fits the screen"), " for this run"
	if s := a.m.view.saved; s != nil && a.m.view.columns != nil {
		saved := *s
		saved.Columns, kept = c.String(), " in "+s.Name
		v, err := a.keepView(saved)
		if err != nil {
			return err
		}
		a.m.view.columns, a.m.view.saved = v.columns, v.saved // its rows may be in another order for now
	} else {
		if a.act.SaveColumns != nil {
			if err := a.act.SaveColumns(c.String()); err != nil {
				return err
			}
			kept = ", in other runs too"
		}
		a.chosen = c
	}
	a.say(pane.Good, "columns%s: %s", kept, what)
	return nil
}

func (a *app) setColumns(arg string) error {
	if arg == "" {
		a.startChooser()
		return nil
	}
	c, err := table.ParseChoice(arg)
	if err != nil {
		return err
	}
	return a.useColumns(c)
}

func (a *app) hideColumn(arg string) error {
	if _, ok := table.ColumnNamed(arg); !ok {
		return fmt.Errorf("one of %s", table.List(columnNames(a)))
	}
	c := a.columns().Without(arg)
	if len(c) == 0 {
		return fmt.Errorf("it is the last one; columns default shows the usual ones")
	}
	return a.useColumns(c)
}

func (a *app) showColumn(arg string) error {
	w, err := table.ParseColumn(arg)
	if err != nil {
		return err
	}
	return a.useColumns(a.columns().With(w.Name, w.Width))
}

func columnNames(*app) []filter.Candidate { return table.ColumnNames() }

// columnWords are what :columns takes.
func columnWords(a *app) []filter.Candidate {
	out := append(columnNames(a), filter.Candidate{Text: table.DefaultChoice, Doc: "what fits the screen"})
	for _, c := range table.Columns() {
		out = append(out, filter.Candidate{Text: "+" + c.Name, Doc: "beside the usual ones: " + c.Doc})
	}
	for _, c := range table.Columns() {
		out = append(out, filter.Candidate{Text: "-" + c.Name, Doc: "not: " + c.Doc})
	}
	return out
}

// takeColumns takes over the choice of an earlier run.
func (a *app) takeColumns(text string) {
	c, err := table.ParseChoice(strings.TrimSpace(text))
	if err != nil {
		a.say(pane.Warn, "columns: %v", err)
		return
	}
	a.chosen = c
}
