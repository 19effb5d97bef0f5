package ui

import (
	"detour/internal/flow"
	"detour/ui/table"
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

// views returns the built-in views, that of digit 1 first. Saved views may replace them.
func views() []view {
	return []view{
		{name: "calls", noun: "AWS call", doc: "AWS calls, and failures of AWS hosts", keep: (*model).isCall, leavesOut: true},
		{name: "direct", noun: "direct call", doc: "calls that pages make directly from this machine", keep: isDirect},
		{
			name: "problems", noun: "flow", doc: "AWS hosts without a response or with an error, and flows in findings",
			keep: (*model).isProblem, leavesOut: true,
		},
		{name: "hosts", noun: "AWS call", doc: "AWS calls by host", keep: (*model).isCall, group: "host"},
		{name: "pages", noun: "AWS call", doc: "AWS calls by console page", keep: (*model).isCall, group: "page"},
		{name: allFlows, noun: "flow", doc: "every flow"},
		{name: "tunnels", noun: "tunnel", doc: "connections that passed through undecrypted", keep: isTunnel},
		{name: "marked", noun: "marked flow", doc: "flows with a mark or a note", keep: isMarked},
		{name: "operations", noun: "AWS call", doc: "AWS calls by operation", keep: (*model).isCall, group: "operation"},
	}
}

const allFlows = "all" // the view of every flow

// viewOf returns the built-in view of that name, if there is one.
func viewOf(name string) (v view, ok bool) {
	for _, v := range views() {
		if v.name == name {
			return v, true
		}
	}
	return v, false
}

// isCall reports whether f is in the default view: AWS API calls, and failures of AWS
// hosts. What a browser requests from other hosts on its own is noise here, even if it
// fails.
func (m *model) isCall(f *flow.Flow) bool {
	if f.AWS.IsCall() && (f.Origin == flow.OriginConsole || f.Origin == flow.OriginDirect) {
		return true
	}
	if f.Origin == flow.OriginOther {
		return false
	}
	return f.Failure != nil || len(f.Findings) > 0 || m.claims[f.ID] != "" || table.Stuck(f, m.now)
}

// isProblem reports whether f needs attention.
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
