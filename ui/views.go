package ui

import (
	"detour/internal/flow"
	"detour/ui/table"
)

// A view is a way to look at the flows, as data: which of them, in which order,
// and whether one by one or in groups.
type view struct {
	name  string // "direct calls"
	noun  string // what is counted in it, of one: "direct call"
	doc   string
	keep  func(*model, *flow.Flow) bool // nil: all
	group string                        // name of a grouping; "" is none
	order table.Order                   // of its rows, or of its groups
	// columns are its own; nil: those of all views.
	columns table.Choice
	// leavesOut says that failures of hosts that aren't AWS's aren't in it.
	leavesOut bool
	set       string     // what its flows are of, that a pane named; "": it is no visit
	saved     *SavedView // what it was made of; nil: it is one of detour's own
}

// views are detour's own, that of digit 1 first. A person may put others on the digits.
func views() []view {
	return []view{
		{name: "calls", noun: "AWS call", doc: "AWS calls, and failures of AWS hosts", keep: (*model).isCall, leavesOut: true},
		{name: "direct", noun: "direct call", doc: "calls that pages make directly from this machine", keep: isDirect},
		{name: "problems", noun: "problem", doc: "AWS hosts without an answer or with an error, and flows in findings", keep: (*model).isProblem, leavesOut: true},
		{name: "hosts", noun: "AWS call", doc: "AWS calls by host", keep: (*model).isCall, group: "host"},
		{name: "pages", noun: "AWS call", doc: "AWS calls by console page", keep: (*model).isCall, group: "page"},
		{name: allFlows, noun: "flow", doc: "every flow"},
		{name: "tunnels", noun: "tunnel", doc: "connections that passed through undecrypted", keep: isTunnel},
		{name: "marked", noun: "marked flow", doc: "flows with a mark or a note", keep: isMarked},
		{name: "operations", noun: "AWS call", doc: "AWS calls by operation", keep: (*model).isCall, group: "operation"},
	}
}

const allFlows = "all" // the view that hides nothing

// viewOf is detour's own view of that name; ok is false if there is none.
func viewOf(name string) (v view, ok bool) {
	for _, v := range views() {
		if v.name == name {
			return v, true
		}
	}
	return v, false
}

// isCall reports whether f is in the default view: the calls of AWS APIs, and
// whatever went wrong with a host of AWS. What a browser asks of others on its
// own is noise here, also when it fails.
func (m *model) isCall(f *flow.Flow) bool {
	if f.AWS != nil && inAPI(f.Origin) {
		return true
	}
	if f.Origin == flow.OriginOther {
		return false
	}
	return f.Failure != nil || len(f.Findings) > 0 || m.claims[f.ID] != "" || table.Stuck(f, m.now)
}

// isProblem reports whether f wants a look.
func (m *model) isProblem(f *flow.Flow) bool {
	if m.claims[f.ID] != "" {
		return true
	}
	if f.Origin == flow.OriginOther {
		return false
	}
	return table.Broken(f) || table.ErrorAnswer(f) || len(f.Findings) > 0 || table.Stuck(f, m.now)
}

func isDirect(_ *model, f *flow.Flow) bool { return f.Origin == flow.OriginDirect }

func isTunnel(_ *model, f *flow.Flow) bool { return f.Tunnel != nil }

func isMarked(_ *model, f *flow.Flow) bool { return f.Marked || f.Note != "" }
