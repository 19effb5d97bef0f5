// Package filter is the language in which a person says which flows they want:
// "origin:direct tcp:timeout or status>=400". It parses it, says what is wrong
// with it and where, completes it, and matches flows against it.
//
// The table's keys, the --filter flags and the page docs/filters.md are one
// list of keys, in keys.go.
package filter

import (
	"time"

	"detour/internal/flow"
)

// A Filter is an expression, compiled. The zero value lets everything through.
// It may be used concurrently.
type Filter struct {
	text  string
	test  test // nil: everything passes
	moves bool
	terms []Term
}

// A Term is a condition on one key that each flow which passes meets.
type Term struct {
	Key   string // its first name
	Op    string // ":", "=", "~", "!=", "!~", ">", ">=", "<", "<="
	Value string // of a closed set of words the one that flows have
}

// A test is a compiled condition. now matters for flows that aren't final.
type test func(f *flow.Flow, now time.Time) bool

// Parse compiles an expression. An empty one lets everything through. What is
// wrong with it comes as an *Error, which says where.
func Parse(text string) (Filter, error) {
	p := parser{text: text, keys: index(keys())}
	if len(text) > maxText {
		return Filter{}, &Error{From: maxText, To: len(text), Text: text, Msg: "it is too long"}
	}
	t, err := p.parse()
	if err != nil {
		return Filter{}, err
	}
	if p.loose {
		p.terms = nil
	}
	return Filter{text, t, p.moves, p.terms}, nil
}

// Match reports whether f passes at the time now.
func (x Filter) Match(f *flow.Flow, now time.Time) bool { return x.test == nil || x.test(f, now) }

// Text is the expression as it was written.
func (x Filter) Text() string { return x.text }

// Terms are conditions that every flow which passes meets, for whoever can look for
// some of them by an index. There may be more to the filter than them.
func (x Filter) Terms() []Term { return x.terms }

// Empty reports whether everything passes, because nothing was asked for.
func (x Filter) Empty() bool { return x.test == nil }

// Moves reports whether a flow that isn't final may come to match, or cease to,
// by the passing of time alone.
func (x Filter) Moves() bool { return x.moves }
