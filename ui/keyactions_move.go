package ui

import "github.com/gdamore/tcell/v2"

// moveInGroups are the actions that select a group.
func moveInGroups(a *app) []keyAction {
	type k = []tcell.Key
	return []keyAction{
		{
			name: "open", keys: k{tcell.KeyEnter}, show: "Enter", short: "flows",
			long: "show the flows of the group", on: onGroups, cant: a.noGroup, run: a.enterGroup,
		},
		{
			name: "down", keys: k{tcell.KeyDown}, runes: "j", show: "j k ↓ ↑",
			long: "next and previous group", on: onGroups, run: func() { a.m.group.move(a.m.groups, 1) },
		},
		{
			name: "up", keys: k{tcell.KeyUp}, runes: "k", show: "k",
			on: onGroups, run: func() { a.m.group.move(a.m.groups, -1) },
		},
		{
			name: "page-down", keys: k{tcell.KeyPgDn, tcell.KeyCtrlF}, show: "PgDn PgUp",
			long: "one page down and up", on: onGroups, run: func() { a.m.group.move(a.m.groups, a.m.group.page) },
		},
		{
			name: "page-up", keys: k{tcell.KeyPgUp, tcell.KeyCtrlB}, show: "PgUp",
			on: onGroups, run: func() { a.m.group.move(a.m.groups, -a.m.group.page) },
		},
		{
			name: "first", keys: k{tcell.KeyHome}, runes: "g", show: "g G",
			long: "first and last group", on: onGroups, run: func() { a.m.group.move(a.m.groups, -len(a.m.groups)) },
		},
		{
			name: "last", keys: k{tcell.KeyEnd}, runes: "G", show: "G",
			on: onGroups, run: func() { a.m.group.move(a.m.groups, len(a.m.groups)) },
		},
	}
}

// moveInTable are the actions that select a row.
func moveInTable(a *app) []keyAction {
	type k = []tcell.Key
	return []keyAction{
		{
			name: "down", keys: k{tcell.KeyDown}, runes: "j", show: "j k ↓ ↑",
			long: "next and previous row; it stays selected when others arrive",
			on:   onTable, run: func() { a.m.cursor.move(a.m, 1) },
		},
		{
			name: "up", keys: k{tcell.KeyUp}, runes: "k", show: "k",
			on: onTable, run: func() { a.m.cursor.move(a.m, -1) },
		},
		{
			name: "page-down", keys: k{tcell.KeyPgDn, tcell.KeyCtrlF}, show: "PgDn PgUp",
			long: "one page down and up; Ctrl-D and Ctrl-U half a page",
			on:   onTable, run: func() { a.m.cursor.move(a.m, a.pageSize()) },
		},
		{
			name: "half-down", keys: k{tcell.KeyCtrlD}, show: "Ctrl-D",
			on: everywhere, run: func() { a.half(1) },
		},
		{
			name: "half-up", keys: k{tcell.KeyCtrlU}, show: "Ctrl-U",
			on: everywhere, run: func() { a.half(-1) },
		},
		{
			name: "page-up", keys: k{tcell.KeyPgUp, tcell.KeyCtrlB}, show: "PgUp",
			on: onTable, run: func() { a.m.cursor.move(a.m, -a.pageSize()) },
		},
		{
			name: "first", keys: k{tcell.KeyHome}, runes: "g", show: "g",
			long: "first row", on: onTable, run: func() { a.m.cursor.pin(a.m, 0) },
		},
	}
}

// scrollText are the actions that scroll a text pane.
func scrollText(a *app) []keyAction {
	type k = []tcell.Key
	return []keyAction{
		{
			name: "down", keys: k{tcell.KeyDown}, runes: "j", show: "j k ↓ ↑",
			long: "scroll", on: inText &^ onFindings, run: func() { a.scroll().Move(1) },
		},
		{
			name: "up", keys: k{tcell.KeyUp}, runes: "k", show: "k",
			on: inText &^ onFindings, run: func() { a.scroll().Move(-1) },
		},
		{
			name: "down", keys: k{tcell.KeyDown}, runes: "j", show: "j k ↓ ↑",
			long: "next and previous finding; at the last and the first one, scroll", on: onFindings, run: func() { a.stepFinding(1) },
		},
		{
			name: "up", keys: k{tcell.KeyUp}, runes: "k", show: "k",
			on: onFindings, run: func() { a.stepFinding(-1) },
		},
		{name: "wrap", runes: "w", show: "w", long: "cut or wrap long lines", on: inText, run: a.toggleWrap},
		{
			name: "right", runes: "l", show: "h l",
			long: "scroll left and right when lines are cut",
			on:   inText, cant: a.isWrapped, run: func() { a.scroll().MoveSideways(16) },
		},
		{
			name: "left", runes: "h", show: "h",
			on: inText, cant: a.isWrapped, run: func() { a.scroll().MoveSideways(-16) },
		},
		{
			name: "page-down", keys: k{tcell.KeyPgDn, tcell.KeyCtrlF}, runes: " ", show: "PgDn PgUp",
			long: "one page down and up", on: inText, run: func() { a.scroll().Move(a.scroll().Height) },
		},
		{
			name: "page-up", keys: k{tcell.KeyPgUp, tcell.KeyCtrlB}, show: "PgUp",
			on: inText, run: func() { a.scroll().Move(-a.scroll().Height) },
		},
		{
			name: "first", keys: k{tcell.KeyHome}, runes: "g", show: "g G",
			long: "go to the top and the bottom", on: inText, run: func() { a.scroll().Move(-a.scroll().Total) },
		},
		{
			name: "last", keys: k{tcell.KeyEnd}, runes: "G", show: "G",
			on: inText, run: func() { a.scroll().Move(a.scroll().Total) },
		},
	}
}
