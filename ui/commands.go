package ui

import (
	"slices"

	"github.com/gdamore/tcell/v2"

	"detour/ui/detail"
)

// A command is something that a key does, as data: the footer, the help and the
// keyboard read the same list.
type command struct {
	name  string      // by which a person binds another key to it; "" can't be bound
	keys  []tcell.Key // special keys
	runes string      // or characters
	show  string      // how the keys are written
	short string      // in the footer; "" leaves it out
	long  string      // in the help; "" if another command's line says it too
	on    focus       // where it works
	typed bool        // a person wrote what long says
	// cant says why it can't act now; "" if it can. A nil func always can.
	cant func(*app) string
	run  func(*app)
}

// commands are all that there are, the most needed first: a narrow footer shows
// the first ones, and always the last two. Bound keys are in the places of theirs.
func commands(vs []view, bound Keys) []command {
	const everywhere = onTable | onDetail | onFindings | onGroups | onCompared
	const texts = onDetail | onFindings | onCompared
	type k = []tcell.Key
	cs := []command{
		{name: "open", keys: k{tcell.KeyEnter}, show: "Enter", short: "its flows", long: "the flows of the group, one by one", on: onGroups, cant: (*app).noGroup, run: (*app).enterGroup},
		{name: "down", keys: k{tcell.KeyDown}, runes: "j", show: "j k ↓ ↑", long: "next and previous group", on: onGroups, run: func(a *app) { a.m.group.move(a.m.groups, 1) }},
		{name: "up", keys: k{tcell.KeyUp}, runes: "k", show: "k", on: onGroups, run: func(a *app) { a.m.group.move(a.m.groups, -1) }},
		{name: "page-down", keys: k{tcell.KeyPgDn, tcell.KeyCtrlF}, show: "PgDn PgUp", long: "a screen down and up", on: onGroups, run: func(a *app) { a.m.group.move(a.m.groups, a.m.group.page) }},
		{name: "page-up", keys: k{tcell.KeyPgUp, tcell.KeyCtrlB}, show: "PgUp", on: onGroups, run: func(a *app) { a.m.group.move(a.m.groups, -a.m.group.page) }},
		{name: "first", keys: k{tcell.KeyHome}, runes: "g", show: "g G", long: "the first and the last group", on: onGroups, run: func(a *app) { a.m.group.move(a.m.groups, -len(a.m.groups)) }},
		{name: "last", keys: k{tcell.KeyEnd}, runes: "G", show: "G", on: onGroups, run: func(a *app) { a.m.group.move(a.m.groups, len(a.m.groups)) }},
		{name: "open", keys: k{tcell.KeyEnter}, show: "Enter", short: "detail", long: "all about the row", on: onTable, cant: (*app).noRow, run: (*app).openDetail},
		{name: "open", keys: k{tcell.KeyEnter}, show: "Enter", short: "its flows", long: "the flows of the finding, in the table; Esc comes back", on: onFindings, cant: (*app).noFinding, run: (*app).jump},
		{name: "open", keys: k{tcell.KeyEnter}, show: "Enter", short: "its flows", long: "the flows of the chosen host, in the table", on: onCompared, cant: (*app).noHost, run: (*app).showHost},
		{name: "back", keys: k{tcell.KeyEscape}, show: "Esc", short: "back", long: "end the search, then close the pane", on: texts, run: (*app).back},
		{show: "1–6", short: "tabs", on: onDetail},
		{name: "next-tab", runes: "]", show: "[ ]", long: "the tab before and after, of the detail", on: onTable | onDetail | onGroups, cant: (*app).noDetail, run: func(a *app) { a.turn(1) }},
		{name: "previous-tab", runes: "[", show: "[", on: onTable | onDetail | onGroups, cant: (*app).noDetail, run: func(a *app) { a.turn(-1) }},
		{name: "filter", runes: "/", show: "/", short: "search", long: "search in this pane, and in the next ones; Esc ends it", on: texts, run: (*app).startSearch},
		{name: "find-next", runes: "n", show: "n N", long: "the next line with what is searched for, and the one before", on: texts, cant: (*app).noSearch, run: func(a *app) { a.scroll().Find(false) }},
		{name: "find-previous", runes: "N", show: "N", on: texts, cant: (*app).noSearch, run: func(a *app) { a.scroll().Find(true) }},
		{name: "filter", runes: "/", show: "/", short: "filter", long: "show only rows with these words; Enter keeps them, Esc leaves it as it was", on: onTable | onGroups, run: (*app).startFilter},
		{name: "all", runes: "av", show: "a", short: "all/calls", long: "switch between AWS calls with failures, and every flow", on: everywhere, run: (*app).toggleAll},
		{show: "1–9", short: "views", on: onTable | onGroups},
		{name: "views", runes: "0", show: "0", long: "your saved views; :save NAME keeps what you see as one", on: onTable | onGroups, cant: (*app).noSaved, run: (*app).openSaved},
		{name: "findings", runes: "!", show: "!", short: "findings", long: "what the flows together are consistent with", on: onTable | onDetail | onGroups | onCompared, cant: (*app).noFinding, run: (*app).openFindings},
		{name: "next", keys: k{tcell.KeyRight}, show: "← →", short: "other", long: "the flow, finding or host before and after", on: texts, run: func(a *app) { a.next(1) }},
		{name: "previous", keys: k{tcell.KeyLeft}, show: "←", on: texts, run: func(a *app) { a.next(-1) }},
		{name: "command", runes: ":", show: ":", short: "command", long: "write a command: sort, group, columns, view …", on: everywhere, run: (*app).startCommand},
		{name: "sort", runes: "o", show: "o", long: "order the rows, or the groups, by a column", on: onTable | onGroups, run: func(a *app) { a.command("sort ") }},
		{name: "columns", runes: "c", show: "c", long: "choose the columns: which, in which order, how wide", on: onTable, run: (*app).startChooser},
		{name: "presenter", runes: "p", show: "p", long: "mask account ids, ARNs, hosts, addresses and e-mails, for others who look on; again to show them (it asks)", on: everywhere, run: (*app).present},
		{name: "back", keys: k{tcell.KeyEscape}, show: "Esc", long: "back: to the findings, close the pane, to the groups, take the filter away", on: onTable | onGroups, run: (*app).back},
		{name: "pane", keys: k{tcell.KeyTab}, show: "Tab", short: "pane", long: "table, detail, findings, comparison in turn", on: everywhere, cant: (*app).noPane, run: (*app).nextPane},
		{name: "copy", runes: "y", show: "y", short: "copy", long: "copy the row as text, curl or JSON; a finding or a comparison as text, Markdown or JSON", on: everywhere, cant: (*app).nothingToCopy, run: (*app).startCopy},
		{name: "freeze", runes: "f", show: "f", short: "freeze", long: "keep the picture as it is; again to go on", on: everywhere, run: (*app).freeze},
		{name: "follow", keys: k{tcell.KeyEnd}, runes: "FG", show: "G F", short: "follow", long: "go to the newest row and stay with it", on: onTable, cant: (*app).follows, run: func(a *app) { a.m.cursor.follow() }},
		{name: "mark", runes: "m", show: "m", short: "mark", long: "mark the row, or unmark it", on: onTable | onDetail, cant: (*app).noMark, run: (*app).mark},
		{name: "mark", runes: "m", show: "m", on: onGroups, cant: forRows, run: (*app).mark},
		{name: "note", runes: "n", show: "n", on: onGroups, cant: forRows, run: (*app).startNote},
		{name: "note", runes: "n", show: "n", long: "write a note on the row; elsewhere :note does", on: onTable, cant: (*app).noNote, run: (*app).startNote},
		{name: "export", runes: "e", show: "e", short: "export", long: "write evidence: which format, which flows, how private, and where", on: everywhere, cant: (*app).noExport, run: (*app).startExport},
		{name: "diff", runes: "d", show: "d", long: "compare with another capture or HAR: what differs, and what got worse", on: everywhere, cant: (*app).noCompare, run: (*app).startCompare},
		{name: "probe", runes: "r", show: "r", long: "probe the row's host by itself: DNS, every address, TLS", on: onTable | onDetail, cant: (*app).noProbe, run: (*app).probe},
		{name: "counterfactual", runes: "x", show: "x", long: "is it the road? Compares the stuck addresses with the public ones; asks first", on: onTable | onDetail, cant: (*app).noCounterfactual, run: (*app).startCounterfactual},
		{name: "clear", runes: "z", show: "z", long: "clear the table of what is over and neither marked nor noted; asks first", on: onTable | onGroups, cant: noClear, run: (*app).startClear},
		{name: "unread", runes: "u", show: "u", long: "pass the row's host on unread from now on, or decrypt it again", on: onTable | onDetail, cant: (*app).noPassing, run: (*app).passUnread},
		{name: "browse", runes: "b", show: "b", long: "open a page in the browser, the row's to begin with; starts it again if it was closed", on: everywhere, cant: (*app).noBrowse, run: (*app).startBrowse},
		{name: "down", keys: k{tcell.KeyDown}, runes: "j", show: "j k ↓ ↑", long: "next and previous row; it stays selected, whatever arrives", on: onTable, run: func(a *app) { a.m.cursor.move(a.m, 1) }},
		{name: "up", keys: k{tcell.KeyUp}, runes: "k", show: "k", on: onTable, run: func(a *app) { a.m.cursor.move(a.m, -1) }},
		{name: "page-down", keys: k{tcell.KeyPgDn, tcell.KeyCtrlF}, show: "PgDn PgUp", long: "a screen down and up; Ctrl-D and Ctrl-U half of one", on: onTable, run: func(a *app) { a.m.cursor.move(a.m, a.pageSize()) }},
		{name: "half-down", keys: k{tcell.KeyCtrlD}, show: "Ctrl-D", on: everywhere, run: func(a *app) { a.half(1) }},
		{name: "half-up", keys: k{tcell.KeyCtrlU}, show: "Ctrl-U", on: everywhere, run: func(a *app) { a.half(-1) }},
		{name: "page-up", keys: k{tcell.KeyPgUp, tcell.KeyCtrlB}, show: "PgUp", on: onTable, run: func(a *app) { a.m.cursor.move(a.m, -a.pageSize()) }},
		{name: "first", keys: k{tcell.KeyHome}, runes: "g", show: "g", long: "the first row", on: onTable, run: func(a *app) { a.m.cursor.pin(a.m, 0) }},
		{name: "down", keys: k{tcell.KeyDown}, runes: "j", show: "j k ↓ ↑", long: "scroll", on: texts, run: func(a *app) { a.scroll().Move(1) }},
		{name: "up", keys: k{tcell.KeyUp}, runes: "k", show: "k", on: texts, run: func(a *app) { a.scroll().Move(-1) }},
		{name: "wrap", runes: "w", show: "w", long: "cut lines at the edge instead of wrapping them, and back", on: texts, run: (*app).toggleWrap},
		{name: "right", runes: "l", show: "h l", long: "to the left and to the right, where lines are cut", on: texts, cant: (*app).isWrapped, run: func(a *app) { a.scroll().MoveSideways(16) }},
		{name: "left", runes: "h", show: "h", on: texts, cant: (*app).isWrapped, run: func(a *app) { a.scroll().MoveSideways(-16) }},
		{name: "page-down", keys: k{tcell.KeyPgDn, tcell.KeyCtrlF}, runes: " ", show: "PgDn PgUp", long: "a screen down and up", on: texts, run: func(a *app) { a.scroll().Move(a.scroll().Height) }},
		{name: "page-up", keys: k{tcell.KeyPgUp, tcell.KeyCtrlB}, show: "PgUp", on: texts, run: func(a *app) { a.scroll().Move(-a.scroll().Height) }},
		{name: "first", keys: k{tcell.KeyHome}, runes: "g", show: "g G", long: "to the top and to the end", on: texts, run: func(a *app) { a.scroll().Move(-a.scroll().Total) }},
		{name: "last", keys: k{tcell.KeyEnd}, runes: "G", show: "G", on: texts, run: func(a *app) { a.scroll().Move(a.scroll().Total) }},
		{name: "suspend", keys: k{tcell.KeyCtrlZ}, show: "Ctrl-Z", long: "to the background; the proxy stands still until fg", on: everywhere, cant: noSuspend, run: (*app).suspend},
		{name: "quit-leaving", runes: "Q", show: "Q", long: "leave, and keep what is on the screen on the terminal", on: everywhere, cant: noLast, run: (*app).quitLeaving},
		{name: "help", runes: "?", show: "?", short: "help", long: "these keys", on: everywhere, run: (*app).openHelp},
		{name: "quit", runes: "q", show: "q", short: "quit", long: "leave; so does Ctrl-C", on: everywhere, run: (*app).leaveNow},
	}
	var digits []command
	for i := range vs[:min(len(vs), 9)] {
		d := string(rune('1' + i))
		digits = append(digits, command{runes: d, show: d, long: vs[i].name + ": " + vs[i].doc, typed: vs[i].saved != nil, on: onTable | onGroups, run: func(a *app) { a.setView(a.views[i]) }})
	}
	for i, t := range detail.Tabs() {
		d := string(rune('1' + i))
		digits = append(digits, command{runes: d, show: d, long: "the tab " + t.Name, on: onDetail, run: func(a *app) { a.turn(i - a.tab) }})
	}
	return bound.bind(slices.Insert(cs, len(cs)-2, digits...))
}

func (d *core) noDetail() string {
	if d.second != onDetail {
		return "no detail is open; Enter opens it"
	}
	return ""
}

func (d *core) noGroup() string {
	if len(d.m.groups) == 0 {
		return "there is no group yet"
	}
	return ""
}

// does reports whether the event is one of the command's keys.
func (c command) does(ev *tcell.EventKey) bool {
	if ev.Key() == tcell.KeyRune {
		for _, r := range c.runes {
			if r == ev.Rune() {
				return true
			}
		}
		return false
	}
	for _, k := range c.keys {
		if k == ev.Key() {
			return true
		}
	}
	return false
}

func (d *core) noRow() string {
	if d.shown() == nil {
		return "there is no row yet"
	}
	return ""
}

func (d *core) noFinding() string {
	if len(d.m.findings) == 0 {
		return "there are no findings"
	}
	return ""
}

func (d *core) noPane() string {
	if d.focus == onTable && d.second == 0 {
		return d.noRow()
	}
	return ""
}

func (d *core) follows() string {
	if d.m.cursor.following() {
		return "it is followed already"
	}
	return ""
}

func (y *copier) nothingToCopy() string {
	switch y.focus {
	case onFindings:
		return y.noFinding()
	case onCompared:
		return ""
	case onTable, onGroups, onDetail:
	}
	return y.noRow()
}

func (m *annotator) noPassing() string {
	if m.act.PassUnread == nil {
		return "nothing is decrypted here"
	}
	return m.noRow()
}

func forRows(*app) string { return "it is for one flow; Enter shows those of the group" }

func (m *annotator) noMark() string {
	if m.act.Edit.Mark == nil {
		return "marks can't be kept here"
	}
	return m.noRow()
}
