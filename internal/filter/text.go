package filter

import (
	"errors"
	"regexp/syntax"
	"strings"
	"time"

	"detour/internal/flow"
)

// contains tests a text key: ":" matches part of the value, "=" the whole, ignoring case.
func (k key) contains(op, value string) test {
	has := func(s string) bool { return strings.EqualFold(s, value) }
	if op == ":" {
		has = foldedText(value).in
	}
	return k.any(has)
}

// anyCase is the flag that makes a regular expression ignore case (RE2 syntax).
const anyCase = "(?i)"

// regex tests a text key with a regular expression, ignoring case.
func (k key) regex(value string) (test, error) {
	p, err := compilePattern(anyCase + value)
	if err != nil {
		msg := err.Error()
		var wrong *syntax.Error
		if errors.As(err, &wrong) {
			msg = wrong.Code.String() + ": " + strings.TrimPrefix(wrong.Expr, anyCase)
		}
		return nil, bad("invalid regular expression: "+flow.Printable(msg), "")
	}
	return k.any(p.in), nil
}

// choose tests a key with a closed set of values.
func (k key) choose(value string) (test, error) {
	for _, c := range k.words {
		for _, w := range append([]string{c.word}, c.also...) {
			if strings.EqualFold(w, value) {
				want := c.word
				return k.any(func(s string) bool { return s == want }), nil
			}
		}
	}
	return nil, k.noSuch(value)
}

func (k key) any(has func(string) bool) test {
	return func(f *flow.Flow, _ time.Time) bool { return k.texts(f, has) }
}
