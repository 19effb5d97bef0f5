// Package licences has the licences of what is part of detour: [List] names the parts, and
// [Notices] is the text that goes with every copy of the program.
//
// notices.txt is written by this package's test, from the module cache.
package licences

import (
	_ "embed"
	"strings"

	"detour/internal/helptext"
)

//go:embed notices.txt
var notices string

// ruler stands between the list in notices.txt and each of the texts below it.
const ruler = "----------------------------------------------------------------------"

// Notices is the list of the parts, followed by the text of every licence.
func Notices() string { return notices }

// List has for each part, a module or a source of data, the SPDX identifiers of its licences.
func List() helptext.List {
	l := helptext.List{Name: "part", Text: "licence"}
	table, _, _ := strings.Cut(notices, ruler)
	for line := range strings.Lines(table) {
		if row, ok := strings.CutPrefix(line, "  "); ok {
			name, licence, _ := strings.Cut(row, "  ")
			l.Entries = append(l.Entries, helptext.Entry{Name: name, Text: strings.TrimSpace(licence)})
		}
	}
	return l
}

// Texts is what stands below the list: each text once, below the names of the files that have it.
func Texts() string {
	_, texts, _ := strings.Cut(notices, ruler)
	return ruler + texts
}
