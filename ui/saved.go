package ui

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"detour/internal/filter"
	"detour/internal/flow"
)

// A SavedView is a view that a person has named: every flow that a filter lets through.
type SavedView struct{ Name, Filter string }

// maxViewName bounds a name, in cells.
const maxViewName = 32

// view makes a view of what was saved.
func (s SavedView) view() (view, error) {
	x, err := filter.Parse(s.Filter)
	if err != nil {
		return view{}, err
	}
	return view{
		name: s.Name, noun: "flow", doc: "saved: " + s.Filter, expr: s.Filter,
		keep: func(m *model, f *flow.Flow) bool { return x.Match(f, m.now) },
	}, nil
}

// takeSaved takes over the views that were saved before. Those whose filter can't be
// read any more are left out, and said to be.
func (a *app) takeSaved(saved []SavedView) {
	for _, s := range saved {
		v, err := s.view()
		if err != nil {
			a.say(toneWarn, "the view %s: %v", clean(s.Name), err)
			continue
		}
		a.saved = append(a.saved, v)
	}
}

// saveNamed keeps the filter as a view, for other runs as well.
func (a *app) saveNamed(name string) error {
	expr := strings.TrimSpace(a.m.filter.Text())
	if more := a.m.view.expr; more != "" && expr != "" {
		expr = "(" + more + ") (" + expr + ")"
	} else {
		expr += more
	}
	switch {
	case name == "":
		return errors.New("a view has a name: view save logs")
	case name != flow.Printable(name) || width(name) > maxViewName || name == "save":
		return fmt.Errorf("a name is %d characters at most, and not save", maxViewName)
	case slices.ContainsFunc(a.views, func(v view) bool { return v.name == name }):
		return fmt.Errorf("%s is one of detour's own; take another name", name)
	case expr == "":
		return errors.New("there is no filter to save; / writes one")
	}
	s := SavedView{name, expr}
	v, err := s.view()
	if err != nil {
		return err
	}
	kept := ", for this run"
	if a.act.SaveView != nil {
		if err := a.act.SaveView(s); err != nil {
			return err
		}
		kept = ""
	}
	a.saved = append(slices.DeleteFunc(a.saved, func(v view) bool { return v.name == name }), v)
	a.say(toneGood, "saved %s%s: %s; 0 shows it", name, kept, expr)
	return nil
}

// openSaved shows the saved view, or asks which.
func (a *app) openSaved() {
	if len(a.saved) == 1 {
		a.setView(a.saved[0])
		return
	}
	m := &menu{title: "which view? :view NAME shows any"}
	for i, v := range a.saved[:min(len(a.saved), 9)] {
		m.choices = append(m.choices, choice{string(rune('1' + i)), v.name, func() { a.setView(v) }})
	}
	a.menu = m
}

func noSaved(a *app) string {
	if len(a.saved) == 0 {
		return "no view is saved; :view save NAME keeps the filter as one"
	}
	return ""
}
