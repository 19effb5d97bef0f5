package filter

import (
	"fmt"
	"maps"
	"slices"
	"unicode/utf8"

	"detour/internal/nearest"
)

// An Error says what is wrong with an expression, and where.
type Error struct {
	Text     string // the whole expression
	From, To int    // the wrong part, in bytes of Text; empty, at the end, if something is missing
	Msg      string // one sentence, lower case, no full stop
	Hint     string // what to write instead; "" if nothing is similar
}

// Error names the place by its column, counted in characters from 1.
func (e *Error) Error() string {
	s := fmt.Sprintf("column %d: %s", e.Column(), e.Msg)
	if e.Hint != "" {
		s += "; " + e.Hint
	}
	return s
}

// Column is where the wrong part begins, in characters from 1.
func (e *Error) Column() int { return utf8.RuneCountInString(e.Text[:e.From]) + 1 }

// unknownKey returns the hint for a key that doesn't exist.
func unknownKey(name string, keys map[string]key) string {
	if near := nearest.Word(name, slices.Sorted(maps.Keys(keys))); near != "" {
		return "did you mean " + near + "? To search for it as text, put it in quotes"
	}
	return "to search for it as text, put it in quotes"
}
