package filter

import (
	"fmt"
	"unicode/utf8"
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
