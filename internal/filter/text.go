package filter

import (
	"errors"
	"regexp"
	"regexp/syntax"
	"strings"
	"time"
	"unicode/utf8"

	"detour/internal/flow"
)

// contains tests a text key: ":" matches part of the value, "=" the whole, ignoring case.
func (k key) contains(op, value string) test {
	has := func(s string) bool { return strings.EqualFold(s, value) }
	if op == ":" {
		word := strings.ToLower(value)
		has = func(s string) bool { return containsFold(s, word) }
	}
	return k.any(has)
}

// anyCase is the flag that makes a regular expression ignore case (RE2 syntax).
const anyCase = "(?i)"

// regex tests a text key with a regular expression, ignoring case.
func (k key) regex(value string) (test, error) {
	re, err := regexp.Compile(anyCase + value)
	if err != nil {
		msg := err.Error()
		var wrong *syntax.Error
		if errors.As(err, &wrong) {
			msg = wrong.Code.String() + ": " + strings.TrimPrefix(wrong.Expr, anyCase)
		}
		return nil, bad("invalid regular expression: "+flow.Printable(msg), "")
	}
	return k.any(re.MatchString), nil
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

// containsFold reports whether s contains word, which is in lower case, ignoring
// case. It compares ASCII without copying: it runs for every flow on every keystroke.
func containsFold(s, word string) bool {
	if word == "" {
		return true
	}
	if ascii(s) {
		return containsASCII(s, word)
	}
	return strings.Contains(strings.ToLower(s), word)
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func containsASCII(s, word string) bool {
	first, upper := word[0], word[0]
	if 'a' <= first && first <= 'z' {
		upper -= 'a' - 'A'
	}
	for i := 0; i+len(word) <= len(s); i++ {
		if (s[i] == first || s[i] == upper) && foldPrefix(s[i:], word) {
			return true
		}
	}
	return false
}

func foldPrefix(s, word string) bool {
	for i := range len(word) {
		c := s[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != word[i] {
			return false
		}
	}
	return true
}
