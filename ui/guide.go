package ui

import (
	"fmt"
	"strings"

	"detour/ui/table"
)

// Guide describes the table for the documentation: its keys, views, commands, columns and
// groups, a line each.
func Guide() string {
	var b strings.Builder
	section := func(title, note string) {
		fmt.Fprintf(&b, "\n%s:\n\n", title)
		if note != "" {
			b.WriteString(note + "\n\n")
		}
	}
	entry := func(name, text string) { fmt.Fprintf(&b, "  %-12s %s\n", name, text) }

	shown := map[int]bool{}
	cs := keyActions(&app{}, builtIn(), nil)
	for _, where := range []struct {
		title, note string
		on          focus
	}{
		{"Keys in the table", "", onTable},
		{"More keys in the table of groups", "", onGroups},
		{"More keys in the panes", "These work in the detail, the findings, the comparison and the messages.", inText},
	} {
		section(where.title, where.note)
		for i, c := range cs {
			if c.on&where.on != 0 && c.long != "" && !shown[i] {
				entry(c.show, c.long)
				shown[i] = true
			}
		}
	}
	section("Commands", "Type a command after a colon. An unambiguous beginning is enough, and Tab completes.\n"+
		"With a digit, :save replaces the built-in view of that digit, in later runs too; :forget restores it.")
	for _, v := range commands(&app{}) {
		fmt.Fprintf(&b, "  %s\n  %-12s %s\n", strings.TrimSpace(v.name+" "+v.args), "", v.doc)
	}
	section("Columns", ":columns, :show, :hide and :sort take these. The width of the screen decides which are shown at first.")
	for _, c := range table.Columns() {
		entry(c.Name, c.Doc)
	}
	section("Columns of groups", "In a table of groups, :sort takes these.")
	for _, c := range table.OrderNames(true) {
		entry(c.Text, c.Doc)
	}
	section("Groups", ":group takes these.")
	for _, g := range table.Groupings() {
		entry(g.Name, g.Doc)
	}
	return b.String()
}
