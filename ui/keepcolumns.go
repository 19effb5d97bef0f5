package ui

import (
	"cmp"
	"fmt"
	"strings"

	"detour/internal/filter"
	"detour/ui/pane"
)

// columns are the choice that holds: the one being made, else that of the view, if it
// was saved with one.
func (a *app) columns() columnChoice {
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
func (a *app) useColumns(c columnChoice) error {
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
	c, err := parseColumns(arg)
	if err != nil {
		return err
	}
	return a.useColumns(c)
}

func (a *app) hideColumn(arg string) error {
	if _, ok := columnOf(arg); !ok {
		return fmt.Errorf("one of %s", list(columnNames(a)))
	}
	c := a.columns().without(arg)
	if len(c) == 0 {
		return fmt.Errorf("it is the last one; columns default shows the usual ones")
	}
	return a.useColumns(c)
}

func (a *app) showColumn(arg string) error {
	w, err := parseColumnWord(arg)
	if err != nil {
		return err
	}
	return a.useColumns(a.columns().with(w.name, w.width))
}

func columnNames(*app) []filter.Candidate {
	var out []filter.Candidate
	for _, c := range columns() {
		out = append(out, filter.Candidate{Text: c.name, Doc: c.doc})
	}
	return out
}

// columnWords are what :columns takes.
func columnWords(a *app) []filter.Candidate {
	out := append(columnNames(a), filter.Candidate{Text: defaultColumns, Doc: "what fits the screen"})
	for _, c := range columns() {
		out = append(out, filter.Candidate{Text: "+" + c.name, Doc: "beside the usual ones: " + c.doc})
	}
	for _, c := range columns() {
		out = append(out, filter.Candidate{Text: "-" + c.name, Doc: "not: " + c.doc})
	}
	return out
}

// takeColumns takes over the choice of an earlier run.
func (a *app) takeColumns(text string) {
	c, err := parseColumns(strings.TrimSpace(text))
	if err != nil {
		a.say(pane.Warn, "columns: %v", err)
		return
	}
	a.chosen = c
}
