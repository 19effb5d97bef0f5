// Package views has the table's built-in views: which flows each of them shows ([All]), and what the
// findings claim of a flow ([ClaimsOf]), on which some depend.
package views

import (
	"detour/internal/flow"
	"detour/ui/table"
)

// A View selects flows, and may group them.
type View struct {
	Name  string // "direct"
	Noun  string // what it counts, in the singular: "direct call"
	Doc   string
	Has   func(table.Row) bool // looks at the flow, the instant and the claim; nil: has every flow
	Group string               // name of a grouping; "": none
	// LeavesOut says that failures of hosts that aren't AWS's are not in the view.
	LeavesOut bool
}

// Every is the name of the view of every flow.
const Every = "all"

// All returns the views, that of digit 1 first.
func All() []View {
	return []View{
		{Name: "calls", Noun: "AWS call", Doc: "AWS calls, and failures of AWS hosts", Has: isCall, LeavesOut: true},
		{Name: "direct", Noun: "direct call", Doc: "calls that pages make directly from this machine", Has: isDirect},
		{
			Name: "problems", Noun: "flow", Doc: "AWS hosts without a response or with an error, and flows in findings",
			Has: isProblem, LeavesOut: true,
		},
		{Name: "hosts", Noun: "AWS call", Doc: "AWS calls by host", Has: isCall, Group: "host"},
		{Name: "pages", Noun: "AWS call", Doc: "AWS calls by console page", Has: isCall, Group: "page"},
		{Name: Every, Noun: "flow", Doc: "every flow"},
		{Name: "tunnels", Noun: "tunnel", Doc: "connections that passed through undecrypted", Has: isTunnel},
		{Name: "marked", Noun: "marked flow", Doc: "flows with a mark or a note", Has: isMarked},
		{Name: "operations", Noun: "AWS call", Doc: "AWS calls by operation", Has: isCall, Group: "operation"},
	}
}

// Named returns the view of that name, if there is one.
func Named(name string) (v View, ok bool) {
	for _, v := range All() {
		if v.Name == name {
			return v, true
		}
	}
	return v, false
}

// isCall reports whether a row is in the default view: AWS API calls, and failures of AWS
// hosts. What a browser requests from other hosts on its own is noise here, even if it
// fails.
func isCall(r table.Row) bool {
	if r.AWS.IsCall() && (r.Origin == flow.OriginConsole || r.Origin == flow.OriginDirect) {
		return true
	}
	if r.Origin == flow.OriginOther {
		return false
	}
	return r.Failure != nil || len(r.Findings) > 0 || r.Claim != "" || table.Stuck(r.Flow, r.Now)
}

// isProblem reports whether a row needs attention.
func isProblem(r table.Row) bool {
	if r.Claim != "" {
		return true
	}
	if r.Origin == flow.OriginOther {
		return false
	}
	return table.Broken(r.Flow) || table.ErrorAnswer(r.Flow) || len(r.Findings) > 0 || table.Stuck(r.Flow, r.Now)
}

func isDirect(r table.Row) bool { return r.Origin == flow.OriginDirect }

func isTunnel(r table.Row) bool { return r.Tunnel != nil }

func isMarked(r table.Row) bool { return r.Marked || r.Note != "" }
