package ui

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"detour/internal/filter"
	"detour/ui/pane"
	"detour/ui/table"
	"detour/ui/text"
)

// takeSaved takes over the views that were saved before. Those that can't be read any
// more are left out, and said to be.
func (a *app) takeSaved(saved []SavedView) {
	for _, s := range saved {
		if _, err := s.view(); err != nil {
			a.say(pane.Warn, "the view %s: %v", text.Clean(s.Name), err)
			continue
		}
		a.putSaved(s)
	}
	a.placeViews()
}

// putSaved adds a view. Those of its name and of its digit give way.
func (a *app) putSaved(s SavedView) {
	a.saved = append(slices.DeleteFunc(a.saved, func(x SavedView) bool { return x.Name == s.Name }), s)
	for i, x := range a.saved[:len(a.saved)-1] {
		if x.Digit == s.Digit {
			a.saved[i].Digit = 0
		}
	}
}

// placeViews puts the saved views that have a digit in the places of detour's own.
func (a *app) placeViews() {
	a.views = views()
	for _, s := range a.saved {
		if v, err := s.view(); err == nil && s.Digit > 0 && s.Digit <= len(a.views) {
			a.views[s.Digit-1] = v
		}
	}
	a.commands = commands(a.views, a.opt.Keys)
}

// saveView keeps what is seen as a view: of which flows, which filter, order, groups
// and columns. Without a name the saved view that is shown is brought up to date.
func (a *app) saveView(arg string) error {
	s := a.seen()
	first, rest, _ := strings.Cut(arg, " ")
	digit, err := strconv.Atoi(first)
	onDigit := err == nil
	if onDigit {
		arg = strings.TrimSpace(rest)
	}
	if arg != "" && arg != s.Name {
		s.Name, s.Digit = arg, 0
	}
	for _, x := range a.saved {
		if x.Name == s.Name {
			s.Digit = x.Digit
		}
	}
	if onDigit {
		s.Digit = digit
	}
	if of := a.m.view.visit; of != "" {
		return fmt.Errorf("a view can't hold what was looked up of %s; Esc goes back, and / writes a filter", of)
	}
	if w := a.m.within; w != nil && w.by.Filter == "" {
		return fmt.Errorf("a view can't hold one %s; Esc goes back to the groups", w.by.Name)
	}
	if _, own := viewOf(s.Name); own {
		return fmt.Errorf("%s is one of detour's own; take another name", s.Name)
	}
	if s.Name == "" {
		return errors.New("a view has a name: save logs; with a digit that shows it: save 9 logs")
	}
	v, err := a.keepView(s)
	if err != nil {
		return err
	}
	_ = a.m.setFilter("") // the view has it now
	a.m.setView(v)
	how := "0"
	if s.Digit > 0 {
		how = strconv.Itoa(s.Digit)
	}
	kept := ""
	if a.act.SaveView == nil {
		kept = ", for this run"
	}
	a.say(pane.Good, "%s%s: %s; %s shows it", s.Name, kept, a.reading.Mask.Typed(s.describe()), how)
	return nil
}

// seen is what is looked at now, as a view. It has the name and the digit of the saved
// view that it began with.
func (a *app) seen() SavedView {
	v := a.m.view
	s := SavedView{Base: v.name}
	if v.saved != nil {
		s = *v.saved
	}
	if w := a.m.within; w != nil && w.by.Filter != "" {
		s.Filter = both(s.Filter, filter.Equals(w.by.Filter, w.key))
	}
	s.Filter = both(s.Filter, strings.TrimSpace(a.m.filter.Text()))
	s.Group, s.Sort, s.Columns = v.group, a.m.shownOrder().String(), a.columns().String()
	return s
}

// both is an expression that holds where a and b do.
func both(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return "(" + a + ") (" + b + ")"
}

// keepView saves a view, and returns it.
func (a *app) keepView(s SavedView) (view, error) {
	v, err := s.view()
	if err == nil && a.act.SaveView != nil {
		err = a.act.SaveView(s)
	}
	if err != nil {
		return v, err
	}
	a.putSaved(s)
	a.placeViews()
	return v, nil
}

// forgetView gives a saved view up. If it is shown, it stays until another one is.
func (a *app) forgetView(name string) error {
	i := slices.IndexFunc(a.saved, func(s SavedView) bool { return s.Name == name })
	if i < 0 {
		return fmt.Errorf("no saved view has that name; one of %s", table.List(savedNames(a)))
	}
	if a.act.ForgetView != nil {
		if err := a.act.ForgetView(name); err != nil {
			return err
		}
	}
	a.saved = slices.Delete(a.saved, i, i+1)
	a.placeViews()
	a.say(pane.Good, "%s is forgotten", name)
	return nil
}

// openSaved shows the saved view, or asks which.
func (a *app) openSaved() {
	if len(a.saved) == 1 {
		_ = a.viewNamed(a.saved[0].Name) // it is there
		return
	}
	m := &menu{title: "which view? :view NAME shows any"}
	for i, s := range a.saved[:min(len(a.saved), 9)] {
		m.choices = append(m.choices, choice{string(rune('1' + i)), s.Name, func() { _ = a.viewNamed(s.Name) }})
	}
	a.menu = m
}

// isSaved reports whether a saved view has that name.
func (a *app) isSaved(name string) bool {
	return slices.ContainsFunc(a.saved, func(s SavedView) bool { return s.Name == name })
}

func noSaved(a *app) string {
	if len(a.saved) == 0 {
		return "no view is saved; :save NAME keeps what you see as one"
	}
	return ""
}

// viewNamed shows a view of detour's own, or a saved one.
func (a *app) viewNamed(name string) error {
	if v, ok := viewOf(name); ok {
		a.setView(v)
		return nil
	}
	for _, s := range a.saved {
		if s.Name != name {
			continue
		}
		v, err := s.view()
		if err == nil {
			a.setView(v)
		}
		return err
	}
	return fmt.Errorf("one of %s", table.List(viewNames(a)))
}

// ViewNames are detour's own views, by their digits.
func ViewNames() []string {
	var names []string
	for _, v := range views() {
		names = append(names, v.name)
	}
	return names
}

func viewNames(a *app) []filter.Candidate {
	var out []filter.Candidate
	for _, v := range views() {
		out = append(out, filter.Candidate{Text: v.name, Doc: v.doc})
	}
	return append(out, savedNames(a)...)
}

func savedNames(a *app) []filter.Candidate {
	var out []filter.Candidate
	for _, s := range a.saved {
		out = append(out, filter.Candidate{Text: s.Name, Doc: s.describe()})
	}
	return out
}
