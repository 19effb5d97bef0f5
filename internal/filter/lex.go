package filter

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxText  = 16 << 10 // bytes of an expression
	maxDepth = 100      // parentheses and negations within one another
)

// A token is a piece of an expression: a parenthesis, a minus, or a word.
type token struct {
	kind     tokenKind
	from, to int // bytes of the text
}

type tokenKind uint8

const (
	tokenEnd tokenKind = iota
	tokenOpen
	tokenClose
	tokenMinus // directly before what it negates
	tokenWord
)

// next reads the token at or after from.
func next(text string, from int) token {
	for from < len(text) {
		r, n := utf8.DecodeRuneInString(text[from:])
		if !unicode.IsSpace(r) {
			break
		}
		from += n
	}
	if from == len(text) {
		return token{tokenEnd, from, from}
	}
	switch text[from] {
	case '(':
		return token{tokenOpen, from, from + 1}
	case ')':
		return token{tokenClose, from, from + 1}
	case '-', '!':
		if from+1 < len(text) && !isBreak(text[from+1:]) {
			return token{tokenMinus, from, from + 1}
		}
	}
	return token{tokenWord, from, wordEnd(text, from)}
}

// isBreak reports whether no word begins at the start of rest.
func isBreak(rest string) bool {
	r, _ := utf8.DecodeRuneInString(rest)
	return unicode.IsSpace(r) || r == ')'
}

// wordEnd returns where the word that begins at from ends: at a space outside quotes,
// which may be around the word or its value, or at a closing parenthesis that the
// word didn't open, as a regular expression may.
func wordEnd(text string, from int) int {
	depth, i := 0, from
	if _, _, value := splitKey(text[from:]); value > 0 {
		i = from + value
	}
	if end, ok := quoted(text, i); ok {
		return end
	}
	for i < len(text) {
		r, n := utf8.DecodeRuneInString(text[i:])
		switch {
		case unicode.IsSpace(r):
			return i
		case r == '(' && depth == 0 && joins(text[from:i]):
			return i
		case r == '(':
			depth++
		case r == ')' && depth == 0:
			return i
		case r == ')':
			depth--
		case r == '\\' && i+n < len(text): // \) and "\ " belong to it
			_, m := utf8.DecodeRuneInString(text[i+n:])
			n += m
		}
		i += n
	}
	return i
}

// joins reports whether a word is an operator: and, or, not.
func joins(word string) bool {
	return strings.EqualFold(word, "or") || strings.EqualFold(word, "and") || strings.EqualFold(word, "not")
}

// quoted returns the end of the quotation that begins at from, if one does. One
// that isn't closed goes to the end of the text.
func quoted(text string, from int) (end int, ok bool) {
	if from >= len(text) || text[from] != '"' && text[from] != '\'' {
		return 0, false
	}
	for i := from + 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case text[from]:
			return i + 1, true
		}
	}
	return len(text), true
}

// unquote removes quotes and escapes. ok is false if the quotation isn't closed; an s
// that isn't quoted is returned as it is.
func unquote(s string) (value string, was, ok bool) {
	if s == "" || s[0] != '"' && s[0] != '\'' {
		return s, false, true
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		case s[i] == s[0]:
			return b.String(), true, i == len(s)-1
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String(), true, false
}

// splitKey cuts "status>=400" into "status", ">=" and the offset of "400". The
// offset is 0 if s doesn't begin with a name and an operator.
func splitKey(s string) (name, op string, value int) {
	n := 0
	for n < len(s) && (s[n] >= 'a' && s[n] <= 'z' || s[n] >= 'A' && s[n] <= 'Z' || n > 0 && s[n] == '-') {
		n++
	}
	if n == 0 {
		return "", "", 0
	}
	for _, op := range operators() {
		if strings.HasPrefix(s[n:], op) {
			return s[:n], op, n + len(op)
		}
	}
	return "", "", 0
}

// operators are what may stand between a key and its value, longest first.
func operators() []string { return []string{"!=", "!~", ">=", "<=", ":", "=", "~", ">", "<"} }
