package ui

import (
	"slices"

	"github.com/gdamore/tcell/v2"

	"detour/ui/detail"
)

// A keyAction is what a key does, as data: the footer, the help and the keyboard read the
// same list.
type keyAction struct {
	name  string      // for key bindings; "" can't be bound
	keys  []tcell.Key // special keys
	runes string      // or characters
	show  string      // how the keys are written
	short string      // in the footer; "" omits it
	long  string      // in the help; "" if another action's line covers it
	on    focus       // where it applies
	typed bool        // long is a text that a person wrote
	// cant says why the action can't be used now; "" if it can. Nil: it always can.
	cant func() string
	run  func()
}

// does reports whether the event is one of the action's keys.
func (c keyAction) does(ev *tcell.EventKey) bool {
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

// keyActions returns the actions of all keys, the most important ones first: a narrow footer
// shows the first ones, and always the last two. Bound keys replace the default ones. The
// actions of a zero app can be listed, but not run.
func keyActions(a *app, vs []view, bound Keys) []keyAction {
	return bound.bind(slices.Concat(
		moveInGroups(a), chooseWhatToShow(a), actOnFlows(a), moveInTable(a), scrollText(a),
		suspendOrQuit(a), digits(a, vs), lastInFooter(a),
	))
}

// chooseWhatToShow are the actions that open, search and arrange what is shown.
func chooseWhatToShow(a *app) []keyAction {
	type k = []tcell.Key
	return []keyAction{
		{
			name: "open", keys: k{tcell.KeyEnter}, show: "Enter", short: "detail",
			long: "show all details of the row", on: onTable, cant: a.noRow, run: a.openDetail,
		},
		{
			name: "open", keys: k{tcell.KeyEnter}, show: "Enter", short: "flows",
			long: "show the flows of the finding in the table; Esc comes back",
			on:   onFindings, cant: a.noFinding, run: a.views.showFinding,
		},
		{
			name: "open", keys: k{tcell.KeyEnter}, show: "Enter", short: "flows",
			long: "show the flows of the selected host in the table", on: onCompared, cant: a.diff.noHost, run: a.diff.showHost,
		},
		{show: "1–6", short: "tabs", on: onDetail},
		{
			name: "next-tab", runes: "]", show: "[ ]",
			long: "next and previous tab of the detail",
			on:   onTable | onDetail | onGroups, cant: a.noDetail, run: func() { a.panes.turn(1) },
		},
		{
			name: "previous-tab", runes: "[", show: "[",
			on: onTable | onDetail | onGroups, cant: a.noDetail, run: func() { a.panes.turn(-1) },
		},
		{
			name: "filter", runes: "/", show: "/", short: "search",
			long: "search in this pane and the next ones; Esc ends the search", on: inText, run: a.startSearch,
		},
		{
			name: "find-next", runes: "n", show: "n N",
			long: "next and previous match", on: inText, cant: a.noSearch, run: func() { a.scroll().Find(false) },
		},
		{
			name: "find-previous", runes: "N", show: "N",
			on: inText, cant: a.noSearch, run: func() { a.scroll().Find(true) },
		},
		{
			name: "filter", runes: "/", show: "/", short: "filter",
			long: "show only matching rows; Enter keeps the filter, Esc restores the previous one",
			on:   onTable | onGroups, run: a.startFilter,
		},
		{
			name: "all", runes: "av", show: "a", short: "all/calls",
			long: "switch between AWS calls (with failures of AWS hosts) and all flows", on: everywhere, run: a.views.toggleAll,
		},
		{show: "1–9", short: "views", on: onTable | onGroups},
		{
			name: "views", runes: "0", show: "0",
			long: "show your saved views; :save NAME saves the current one",
			on:   onTable | onGroups, cant: a.views.noSaved, run: a.views.openSaved,
		},
		{
			name: "findings", runes: "!", show: "!", short: "findings",
			long: "show the findings: what the flows as a whole indicate",
			on:   onTable | onDetail | onGroups | onCompared | onMessages, cant: a.noFinding, run: a.openFindings,
		},
		{
			name: "next", keys: k{tcell.KeyRight}, show: "← →", short: "next",
			long: "next and previous flow, finding or host", on: inText &^ onMessages, run: func() { a.next(1) },
		},
		{name: "previous", keys: k{tcell.KeyLeft}, show: "←", on: inText &^ onMessages, run: func() { a.next(-1) }},
		{
			name: "command", runes: ":", show: ":", short: "command",
			long: "enter a command: sort, group, columns, view …", on: everywhere, run: a.startCommand,
		},
		{
			name: "sort", runes: "o", show: "o",
			long: "sort the rows or the groups by a column", on: onTable | onGroups, run: func() { a.askCommand("sort ") },
		},
		{
			name: "columns", runes: "c", show: "c",
			long: "choose the columns, their order and their width", on: onTable, run: a.columns.open,
		},
		{
			name: "presenter", runes: "p", show: "p",
			long: "mask account IDs, ARNs, hosts, addresses and e-mails for presenting; again to unmask (asks first)",
			on:   everywhere, run: a.present,
		},
		{
			name: "back", keys: k{tcell.KeyEscape}, show: "Esc",
			long: "go back: return to the findings, close the pane, return to the groups, clear the filter",
			on:   onTable | onGroups, run: a.back,
		},
		{
			name: "pane", keys: k{tcell.KeyTab}, show: "Tab", short: "pane",
			long: "go to the next pane: table, detail, findings, comparison",
			on:   everywhere, cant: a.noPane, run: a.nextPane,
		},
	}
}

// actOnFlows are the actions on the flows that are shown.
func actOnFlows(a *app) []keyAction {
	return []keyAction{
		{
			name: "copy", runes: "y", show: "y", short: "copy",
			long: "copy the row as text, curl or JSON; a finding or comparison as text, Markdown or JSON; messages as text",
			on:   everywhere, cant: a.nothingToCopy, run: a.startCopy,
		},
		{
			name: "show-copied", runes: "Y", show: "Y",
			long: "show what was copied last outside the table, to select it with the mouse",
			on:   everywhere, cant: a.nothingCopied, run: a.showCopied,
		},
		{
			name: "freeze", runes: "f", show: "f", short: "freeze",
			long: "freeze or resume the display", on: everywhere, run: a.freeze,
		},
		{
			name: "follow", keys: []tcell.Key{tcell.KeyEnd}, runes: "FG", show: "G F", short: "follow",
			long: "go to the newest row and follow new ones",
			on:   onTable, cant: a.follows, run: func() { a.m.cursor.follow() },
		},
		{
			name: "mark", runes: "m", show: "m", short: "mark",
			long: "mark or unmark the row", on: onTable | onDetail, cant: a.edits.noMark, run: a.edits.mark,
		},
		{name: "mark", runes: "m", show: "m", on: onGroups, cant: forRows, run: a.edits.mark},
		{name: "note", runes: "n", show: "n", on: onGroups, cant: forRows, run: a.edits.startNote},
		{
			name: "note", runes: "n", show: "n",
			long: "add a note to the row; in other panes, use :note", on: onTable, cant: a.edits.noNote, run: a.edits.startNote,
		},
		{
			name: "export", runes: "e", show: "e", short: "export",
			long: "export evidence: format, flows, redaction and file",
			on:   everywhere, cant: a.exports.cant, run: a.exports.open,
		},
		{
			name: "diff", runes: "d", show: "d",
			long: "compare with an earlier capture or HAR: what differs, and what got worse",
			on:   everywhere, cant: a.diff.cant, run: a.diff.start,
		},
		{
			name: "probe", runes: "r", show: "r",
			long: "probe the row's host separately: DNS, every address, TLS",
			on:   onTable | onDetail, cant: a.probes.cant, run: a.probes.probe,
		},
		{
			name: "probe", runes: "r", show: "r", short: "check again",
			long: "check all hosts of the finding again: DNS, every address, TLS",
			on:   onFindings, cant: a.again.CantCheck, run: a.again.Once,
		},
		{
			name: "watch", runes: "W", show: "W",
			long: "watch the hosts of the finding or row until every address answers; again to stop",
			on:   onTable | onDetail | onFindings, cant: a.again.CantWatch, run: a.again.Toggle,
		},
		{
			name: "counterfactual", runes: "x", show: "x",
			long: "try the public addresses of a host whose private ones don't respond (asks first)",
			on:   onTable | onDetail, cant: a.probes.noCounterfactual, run: a.probes.askCounterfactual,
		},
		{
			name: "clear", runes: "z", show: "z",
			long: "clear finished flows without a mark or note (asks first)",
			on:   onTable | onGroups, cant: a.noClear, run: a.startClear,
		},
		{
			name: "unread", runes: "u", show: "u",
			long: "stop or resume decrypting the row's host", on: onTable | onDetail, cant: a.noPassing, run: a.passUnread,
		},
		{
			name: "browse", runes: "b", show: "b",
			long: "open a page in the browser, by default the row's; restarts a browser that was closed",
			on:   everywhere, cant: a.noBrowse, run: a.startBrowse,
		},
	}
}

// suspendOrQuit are the actions that give the terminal back.
func suspendOrQuit(a *app) []keyAction {
	type k = []tcell.Key
	return []keyAction{
		{
			name: "suspend", keys: k{tcell.KeyCtrlZ}, show: "Ctrl-Z",
			long: "suspend detour; the proxy stops responding until fg", on: everywhere, cant: a.noSuspend, run: a.suspend,
		},
		{
			name: "quit-leaving", runes: "Q", show: "Q",
			long: "quit at once, and leave the screen's content in the terminal", on: everywhere, run: a.quitAtOnce,
		},
	}
}

// lastInFooter are the actions that even a narrow footer shows.
func lastInFooter(a *app) []keyAction {
	return []keyAction{
		{
			name: "help", runes: "?", show: "?", short: "help",
			long: "show these keys", on: everywhere, run: a.openHelp,
		},
		{
			name: "quit", runes: "q", show: "q", short: "quit",
			long: "quit; asks first if the browser is open or requests are under way. Ctrl-C quits at once",
			on:   onTable | onGroups, run: a.askToQuit,
		},
		{
			name: "back", keys: []tcell.Key{tcell.KeyEscape}, runes: "q", show: "Esc q", short: "back",
			long: "end the search, or close the pane", on: inText, run: a.back,
		},
	}
}

// digits are the keys of views and tabs.
func digits(a *app, vs []view) []keyAction {
	var out []keyAction
	for i := range vs[:min(len(vs), 9)] {
		d := string(rune('1' + i))
		out = append(out, keyAction{
			runes: d, show: d, long: vs[i].name + ": " + vs[i].doc, typed: vs[i].saved != nil,
			on: onTable | onGroups, run: func() { a.views.show(a.views.byDigit[i]) },
		})
	}
	for i, t := range detail.Tabs() {
		d := string(rune('1' + i))
		out = append(out, keyAction{
			runes: d, show: d, long: "tab " + t.Name, on: onDetail, run: func() { a.panes.turn(i - a.panes.tab) },
		})
	}
	return out
}
