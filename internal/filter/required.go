package filter

import (
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode/utf8"
)

// A pattern is a regular expression. It runs over a text of all flows on every keystroke, so it
// first looks for a literal that each match contains, if there is one.
type pattern struct {
	re       *regexp.Regexp
	required *folded
}

func compilePattern(expr string) (*pattern, error) {
	re, err := regexp.Compile(expr)
	if err != nil {
		return nil, err
	}
	parsed, err := syntax.Parse(expr, syntax.Perl) // as regexp.Compile does
	if err != nil {
		return nil, err
	}
	return &pattern{re: re, required: foldedText(required(parsed))}, nil
}

func (p *pattern) in(s string) bool {
	// Outside ASCII, other letters may be the same but for case, such as ſ and s.
	if !p.required.in(s) && ascii(s) {
		return false
	}
	return p.re.MatchString(s)
}

// required returns a text that every match of re contains, ignoring case; "" if none is known.
func required(re *syntax.Regexp) string {
	longest := ""
	switch re.Op { //nolint:exhaustive // matches of the others contain no certain text
	case syntax.OpLiteral:
		longest = string(re.Rune)
		if len(longest) != utf8.RuneCountInString(longest) {
			return ""
		}
	case syntax.OpRepeat:
		if re.Min > 0 {
			longest = required(re.Sub[0])
		}
	case syntax.OpConcat, syntax.OpCapture, syntax.OpPlus:
		for _, sub := range re.Sub {
			if s := required(sub); len(s) > len(longest) {
				longest = s
			}
		}
	}
	return strings.ToLower(longest)
}
