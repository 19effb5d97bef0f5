package redact

import (
	"strings"
	"unicode/utf8"
)

// nestedBody is how deeply values inside values are parsed: JSON in a JSON string in a form in
// base64. Deeper ones are replaced as a whole.
const nestedBody = 5

// value redacts a value by its form, because its name says nothing.
func (p *pass) value(s string, depth int) string {
	if len(s) < 4 || isPseudonym(s) {
		return s
	}
	if p.opt.Strict {
		s = certNames(p, s) // which look like forms
	}
	if depth == 0 {
		if strings.ContainsAny(s, `{[<="%:`) {
			return p.pseudonym("value", s)
		}
		return p.looks(s)
	}
	switch shapeOf(s) {
	case shapeJSON:
		return p.json(s, depth-1)
	case shapeMarkup:
		return p.markup(s, depth-1)
	case shapeGWT:
		return p.gwt(s, depth-1)
	case shapeForm:
		return p.form(s, depth-1)
	case shapeGraphQL:
		return redactGraphQL(p, s)
	case shapeText:
	}
	if len(s) == 40 && opaqueKey(s) {
		return p.pseudonym("secret", s)
	}
	if out, ok := p.base64(s, depth-1); ok {
		return out
	}
	if strings.IndexByte(s, '%') >= 0 {
		return p.percent(s, depth-1)
	}
	return p.text(s)
}

// A shape is the syntax of a text.
type shape int

const (
	shapeText shape = iota
	shapeJSON
	shapeMarkup
	shapeGWT
	shapeForm
	shapeGraphQL
)

// shapeOf returns the syntax of a text by its beginning.
func shapeOf(s string) shape {
	t := strings.TrimLeft(s, " \t\r\n\ufeff\x1e")
	if t == "" {
		return shapeText
	}
	switch c := t[0]; {
	case isGraphQL(t):
		return shapeGraphQL
	case c == '{' || c == '[' || c == '"':
		return shapeJSON
	case c == '<':
		return shapeMarkup
	case isGWT(t):
		return shapeGWT
	case isForm(t):
		return shapeForm
	}
	for _, guard := range [...]string{")]}'", "while(1);", "for(;;);"} { // prefixes against being run as a script
		if rest, ok := strings.CutPrefix(t, guard); ok && shapeOf(strings.TrimLeft(rest, ", ")) == shapeJSON {
			return shapeJSON
		}
	}
	return shapeText
}

// percent redacts a value with percent-encoding, if the decoded value has a secret. Text that
// is encoded in parts is then decoded.
func (p *pass) percent(s string, depth int) string {
	if strings.IndexFunc(s, func(c rune) bool { return c >= utf8.RuneSelf || !isWord(byte(c)) && !strings.ContainsRune("%+-.~*", c) }) >= 0 {
		s = p.text(s)
		return p.behind(s, unescape(uncut(s)), depth)
	}
	out := s
	for i, undo := range [...]func(string) string{plus, unescape} { // '+' may be a space or itself
		if i > 0 && strings.IndexByte(out, '+') < 0 {
			break
		}
		inner := undo(uncut(out))
		if clean := p.behind(inner, inner, depth); clean != inner {
			out = p.escaped(clean, out)
		}
	}
	if out == s {
		return p.text(s)
	}
	return out
}

// behind returns s, or its decoded form inner redacted, if that has a secret.
func (p *pass) behind(s, inner string, depth int) string {
	inner = strings.ToValidUTF8(inner, "\ufffd")
	if clean := p.value(inner, depth); clean != inner {
		return clean
	}
	return s
}
