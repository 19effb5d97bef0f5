package filter

import (
	"slices"
	"strings"
)

// A condition is one part of an expression without "or" and "not": all of them have to hold.
type condition struct {
	key    string // "": the value is searched for in everything that the table shows
	op     string
	value  string // in lower case if part says that the case doesn't matter
	quoted bool
	part   bool // holds if a text of the flow contains the value
}

// Narrows reports whether every flow that matches x is known to match y, too, so that a caller who
// knows what matches y need not test the rest. That is so where a character was typed at the end
// of a word of y, or a word was added. False means that it isn't known.
func (x Filter) Narrows(y Filter) bool {
	if x.loose || y.loose || y.moves {
		return false
	}
	for _, c := range y.conditions {
		if !slices.ContainsFunc(x.conditions, func(d condition) bool { return d.implies(c) }) {
			return false
		}
	}
	return true
}

// implies reports whether a flow of which c holds is known to be one of which d holds.
func (c condition) implies(d condition) bool {
	if c == d {
		return true
	}
	if !c.part || !d.part || c.key != d.key || !strings.Contains(c.value, d.value) {
		return false
	}
	// Addresses are searched for texts with a digit or a colon alone, so "1" may be found where "." isn't looked for.
	return c.key != "" || wantedText(d.value).numeric || !wantedText(c.value).numeric
}

// partOf is the condition that a text contains a value, or one of its values if it is a list.
func (k key) partOf(op, value string, quoted bool) condition {
	c := condition{key: k.name, op: op, value: value, quoted: quoted}
	if k.texts != nil && k.words == nil && op == ":" && (quoted || !strings.Contains(value, ",")) {
		c.part, c.value = true, strings.ToLower(value)
	}
	return c
}
