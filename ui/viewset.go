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
	"detour/ui/views"
)

// A viewSet has the views, and the flow set that is shown instead of one.
type viewSet struct {
	state   *screenState
	byDigit []view      // that of digit 1 first
	saved   []SavedView // saved by a person; the key 0 shows them
	set     *flowSet    // the flow set that is shown; nil: none
	changed func()      // is called when the views have changed
}

// load adds the views of earlier runs. It skips and reports those that can't be parsed
// any more.
func (l *viewSet) load(saved []SavedView) {
	for _, s := range saved {
		if _, err := s.view(); err != nil {
			l.state.notify(pane.Warn, "the view %s: %v", text.Clean(s.Name), err)
			continue
		}
		l.add(s)
	}
	l.assignDigits()
}

// add adds a view, which replaces the one with its name and takes over its digit.
func (l *viewSet) add(s SavedView) {
	l.saved = append(slices.DeleteFunc(l.saved, func(x SavedView) bool { return x.Name == s.Name }), s)
	for i, x := range l.saved[:len(l.saved)-1] {
		if x.Digit == s.Digit {
			l.saved[i].Digit = 0
		}
	}
}

// assignDigits puts the saved views with a digit in the places of built-in ones.
func (l *viewSet) assignDigits() {
	l.byDigit = builtIn()
	for _, s := range l.saved {
		if v, err := s.view(); err == nil && s.Digit > 0 && s.Digit <= len(l.byDigit) {
			l.byDigit[s.Digit-1] = v
		}
	}
	l.changed()
}

// save saves the current view: its flows, filter, order, groups, and the columns. Without
// a name it updates the saved view that is shown.
func (l *viewSet) save(arg string, columns table.Choice) error {
	s := l.current(columns)
	first, rest, _ := strings.Cut(arg, " ")
	digit, err := strconv.Atoi(first)
	onDigit := err == nil
	if onDigit {
		arg = strings.TrimSpace(rest)
	}
	if arg != "" && arg != s.Name {
		s.Name, s.Digit = arg, 0
	}
	for _, x := range l.saved {
		if x.Name == s.Name {
			s.Digit = x.Digit
		}
	}
	if onDigit {
		s.Digit = digit
	}
	if of := l.state.m.view.set; of != "" {
		return fmt.Errorf("a view can't save the flows of %s; Esc goes back, and / sets a filter", of)
	}
	if w := l.state.m.within; w != nil && w.by.Filter == "" {
		return fmt.Errorf("a view can't save a single %s; Esc goes back to the groups", w.by.Name)
	}
	if _, own := viewOf(s.Name); own {
		return fmt.Errorf("%s is a built-in view; choose another name", s.Name)
	}
	if s.Name == "" {
		return errors.New("give the view a name: save logs; or a digit and a name: save 9 logs")
	}
	v, err := l.store(s)
	if err != nil {
		return err
	}
	_ = l.state.m.setFilter("") // the view has the filter now
	l.state.m.setView(v)
	how := "0"
	if s.Digit > 0 {
		how = strconv.Itoa(s.Digit)
	}
	kept := ""
	if l.state.act.Save.View == nil {
		kept = ", for this run"
	}
	l.state.notify(pane.Good, "%s%s: %s; %s shows it", s.Name, kept, l.state.panes.reading.Mask.Typed(s.describe()), how)
	return nil
}

// current describes what is shown as a view. It keeps the name and digit of the saved
// view that it is based on.
func (l *viewSet) current(columns table.Choice) SavedView {
	v := l.state.m.view
	s := SavedView{Base: v.name}
	if v.saved != nil {
		s = *v.saved
	}
	if w := l.state.m.within; w != nil && w.by.Filter != "" {
		s.Filter = allOf(s.Filter, filter.Equals(w.by.Filter, w.key))
	}
	s.Filter = allOf(s.Filter, strings.TrimSpace(l.state.m.filter.Text()))
	s.Group, s.Sort, s.Columns = v.group, l.state.m.shownOrder().String(), columns.String()
	return s
}

// allOf is an expression that matches where a and b do.
func allOf(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return "(" + a + ") (" + b + ")"
}

// store saves a view, and returns it.
func (l *viewSet) store(s SavedView) (view, error) {
	v, err := s.view()
	if err == nil && l.state.act.Save.View != nil {
		err = l.state.act.Save.View(s)
	}
	if err != nil {
		return v, err
	}
	l.add(s)
	l.assignDigits()
	return v, nil
}

// forget deletes a saved view. If it is shown, it stays until another one is.
func (l *viewSet) forget(name string) error {
	i := slices.IndexFunc(l.saved, func(s SavedView) bool { return s.Name == name })
	if i < 0 {
		return fmt.Errorf("no saved view has that name; choose one of %s", table.List(l.savedNames()))
	}
	if l.state.act.Save.ForgetView != nil {
		if err := l.state.act.Save.ForgetView(name); err != nil {
			return err
		}
	}
	l.saved = slices.Delete(l.saved, i, i+1)
	l.assignDigits()
	l.state.notify(pane.Good, "deleted %s", name)
	return nil
}

// openSaved shows the saved view, or asks which one.
func (l *viewSet) openSaved() {
	if len(l.saved) == 1 {
		_ = l.showNamed(l.saved[0].Name) // it exists
		return
	}
	m := &menu{title: "which view? :view NAME shows any"}
	for i, s := range l.saved[:min(len(l.saved), 9)] {
		m.choices = append(m.choices, choice{string(rune('1' + i)), s.Name, func() { _ = l.showNamed(s.Name) }})
	}
	l.state.prompts.menu = m
}

// isSaved reports whether a saved view has that name.
func (l *viewSet) isSaved(name string) bool {
	return slices.ContainsFunc(l.saved, func(s SavedView) bool { return s.Name == name })
}

func (l *viewSet) noSaved() string {
	if len(l.saved) == 0 {
		return "there are no saved views; :save NAME saves the current one"
	}
	return ""
}

// showNamed shows a built-in or a saved view.
func (l *viewSet) showNamed(name string) error {
	if v, ok := viewOf(name); ok {
		l.show(v)
		return nil
	}
	for _, s := range l.saved {
		if s.Name != name {
			continue
		}
		v, err := s.view()
		if err == nil {
			l.show(v)
		}
		return err
	}
	return fmt.Errorf("choose one of %s", table.List(l.names()))
}

// ViewNames are the built-in views, by their digits.
func ViewNames() []string {
	var names []string
	for _, v := range views.All() {
		names = append(names, v.Name)
	}
	return names
}

func (l *viewSet) names() []filter.Candidate {
	var out []filter.Candidate
	for _, v := range views.All() {
		out = append(out, filter.Candidate{Text: v.Name, Doc: v.Doc})
	}
	return append(out, l.savedNames()...)
}

func (l *viewSet) savedNames() []filter.Candidate {
	var out []filter.Candidate
	for _, s := range l.saved {
		out = append(out, filter.Candidate{Text: s.Name, Doc: s.describe()})
	}
	return out
}

// show switches to another view.
func (l *viewSet) show(v view) {
	l.set = nil
	l.state.m.setView(v)
	l.state.notify(pane.Dim, "%s: %s", v.name, l.state.panes.reading.Mask.Typed(v.doc))
}

// toggleAll switches between every flow and the view of the digit 1.
func (l *viewSet) toggleAll() {
	if l.state.m.view.name == views.Every {
		l.show(l.byDigit[0])
		return
	}
	if v, ok := viewOf(views.Every); ok {
		l.show(v)
	}
}
