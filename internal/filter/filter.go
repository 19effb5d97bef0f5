// Package filter selects flows by an expression, as in
// "origin:direct tcp:timeout or status>=400". [Parse] compiles an expression and
// says what is wrong with it and where; [Filter.Match] tests flows; [Complete]
// completes an expression while it is typed.
//
// All keys are one list, from which the reference is generated ([Text], [Page]).
package filter

import (
	"fmt"
	"time"

	"detour/internal/flow"
)

// A Filter is a compiled expression. The zero value matches every flow. It may be
// used concurrently.
type Filter struct {
	text   string
	test   test // nil: matches every flow
	moves  bool
	lists  bool
	judged bool
	terms  []Term

	conditions []condition
	loose      bool // not every condition has to hold
}

// A Term is a condition on one key that every matching flow meets.
type Term struct {
	Key   string // its first name
	Op    string // ":", "=", "~", "!=", "!~", ">", ">=", "<", "<="
	Value string // of a key with a closed set of values, as flows have it
}

// A test is a compiled condition. now matters for flows that aren't final.
type test func(f *flow.Flow, now time.Time) bool

// Parse compiles an expression. An empty one matches every flow. An error is an
// [*Error].
func Parse(text string) (Filter, error) {
	p := parser{text: text, keys: index(keys())}
	if len(text) > maxText {
		return Filter{}, &Error{From: maxText, To: len(text), Text: text, Msg: fmt.Sprintf("the expression is longer than %d bytes", maxText)}
	}
	t, err := p.parse()
	if err != nil {
		return Filter{}, err
	}
	if p.loose {
		p.terms = nil
	}
	return Filter{
		text: text, test: t, moves: p.moves, lists: p.lists, judged: p.judged, terms: p.terms, conditions: p.holds, loose: p.loose,
	}, nil
}

// Match reports whether f matches at the time now.
func (x Filter) Match(f *flow.Flow, now time.Time) bool { return x.test == nil || x.test(f, now) }

// Text returns the expression as it was written.
func (x Filter) Text() string { return x.text }

// Terms returns conditions that every matching flow meets, for a caller that has an
// index. The filter may have more conditions.
func (x Filter) Terms() []Term { return x.terms }

// Empty reports whether the filter matches every flow because it has no condition.
func (x Filter) Empty() bool { return x.test == nil }

// Moves reports whether a flow in progress may begin or cease to match as time
// passes, without any other change.
func (x Filter) Moves() bool { return x.moves }

// ListsFindings reports whether the filter tests which findings list a flow. A flow alone has only
// the codes that explain its own end: whoever has the findings uses [Filter.MatchListed].
func (x Filter) ListsFindings() bool { return x.lists }

// MatchListed is Match for a flow that the findings with these codes list.
func (x Filter) MatchListed(f *flow.Flow, codes []string, now time.Time) bool {
	if !x.lists {
		return x.Match(f, now)
	}
	listed := *f
	listed.Findings = codes
	return x.Match(&listed, now)
}

// Judged reports whether a match may depend on a flow's findings, which other flows may give
// it.
func (x Filter) Judged() bool { return x.judged }
