package ui

import (
	"cmp"
	"fmt"
	"strings"

	"detour/internal/filter"
	"detour/internal/flow"
	"detour/ui/table"
	"detour/ui/text"
	"detour/ui/views"
)

// A SavedView is a view that a person has saved. All fields except the name may be zero.
type SavedView struct {
	Name    string
	Digit   int    // the key that shows it, 1 to 9; 0: none
	Base    string // the built-in view that it narrows: "direct"; "": every flow
	Filter  string // which of its flows
	Group   string // what the flows are grouped by: "host"; "": they aren't grouped
	Sort    string // as written after :sort: "total up"; "": by arrival
	Columns string // as written after :columns; "": those of the other views
}

// maxViewName is the longest name, in cells.
const maxViewName = 32

// view parses a saved view.
func (s SavedView) view() (view, error) {
	var v view
	if s.Name == "" || s.Name != flow.Printable(s.Name) || text.Width(s.Name) > maxViewName {
		return v, fmt.Errorf("a name has 1 to %d characters", maxViewName)
	}
	if s.Digit < 0 || s.Digit > len(views.All()) {
		return v, fmt.Errorf("a digit is 1 to %d", len(views.All()))
	}
	base, ok := viewOf(cmp.Or(s.Base, views.Every))
	if !ok {
		return v, fmt.Errorf("there is no built-in view %s", flow.Printable(s.Base))
	}
	x, err := filter.Parse(s.Filter)
	if err != nil {
		return v, err
	}
	if _, ok := table.GroupingNamed(s.Group); !ok && s.Group != "" {
		return v, fmt.Errorf("there is no group %s", flow.Printable(s.Group))
	}
	by, err := table.ParseOrder(s.Sort, table.OrderNames(s.Group != ""))
	if err != nil {
		return v, err
	}
	cols, err := table.ParseChoice(s.Columns)
	if err != nil {
		return v, err
	}
	v = view{name: s.Name, noun: base.noun, doc: s.describe(), group: s.Group, order: by, columns: cols, saved: &s}
	v.keep = func(m *model, f *flow.Flow) bool {
		return (base.keep == nil || base.keep(m, f)) && m.matches(x, f)
	}
	return v, nil
}

// describe sums up what the view shows.
func (s SavedView) describe() string {
	parts := []string{cmp.Or(s.Base, views.Every)}
	for _, p := range [...]struct{ before, text string }{{"", s.Filter}, {"by ", s.Group}, {"sorted by ", s.Sort}, {"columns ", s.Columns}} {
		if p.text != "" {
			parts = append(parts, p.before+p.text)
		}
	}
	return "saved: " + strings.Join(parts, ", ")
}
