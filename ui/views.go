package ui

import (
	"detour/internal/flow"
	"detour/ui/table"
	"detour/ui/views"
)

// A view selects flows, and says how they are sorted and whether they are grouped.
type view struct {
	name  string // "direct calls"
	noun  string // what it counts, in the singular: "direct call"
	doc   string
	keep  func(*model, *flow.Flow) bool // nil: all
	group string                        // name of a grouping; "": none
	order table.Order                   // of its rows, or of its groups
	// columns are the view's own; nil: those of the other views.
	columns table.Choice
	// leavesOut says that failures of hosts that aren't AWS's are not in the view.
	leavesOut bool
	set       string     // what the flow set is of, for example the code of a finding; "": it isn't a flow set
	saved     *SavedView // what it was parsed from; nil: it is built in
}

// builtIn returns the built-in views, that of digit 1 first. Saved views may replace them.
func builtIn() []view {
	var out []view
	for _, v := range views.All() {
		out = append(out, viewFrom(v))
	}
	return out
}

// viewFrom makes a view of the screen from a built-in one.
func viewFrom(v views.View) view {
	out := view{name: v.Name, noun: v.Noun, doc: v.Doc, group: v.Group, leavesOut: v.LeavesOut}
	if v.Has != nil {
		out.keep = func(m *model, f *flow.Flow) bool {
			return v.Has(table.Row{Flow: f, Now: m.now, Claim: m.claims.Levels[f.ID]})
		}
	}
	return out
}

// viewOf returns the built-in view of that name, if there is one.
func viewOf(name string) (v view, ok bool) {
	found, ok := views.Named(name)
	return viewFrom(found), ok
}
