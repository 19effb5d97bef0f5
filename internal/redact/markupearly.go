package redact

import (
	"cmp"
	"slices"
	"strings"
)

// An early is the text of an element that came before the sibling that may name it:
// <Value>hunter2</Value><Name>password</Name>.
type early struct {
	from, to int    // its offsets in the output
	value    string // what it was, without the escapes of markup
	bare     string // what it was, with them
	escaped  bool   // whether it may have them
}

// mayBeNamed records in the parent that the element's text was written, if a sibling may name
// it later.
func (m *markupScan) mayBeNamed(x early) {
	if n := len(m.open); n > 1 && !isPseudonym(x.value) && m.top().kind == "" && m.open[n-2].named == "" && m.look(m.top().name).isNamed {
		m.open[n-2].early = append(m.open[n-2].early, x)
	}
}

// An edit replaces what a text has between two offsets.
type edit struct {
	from, to int
	with     string
}

// edited returns s with the edits, which don't overlap.
func edited(s string, edits []edit) string {
	if len(edits) == 0 {
		return s
	}
	slices.SortFunc(edits, func(a, b edit) int { return cmp.Compare(a.from, b.from) })
	var b strings.Builder
	b.Grow(len(s))
	at := 0
	for _, e := range edits {
		b.WriteString(s[at:e.from])
		b.WriteString(e.with)
		at = e.to
	}
	return b.String() + s[at:]
}
