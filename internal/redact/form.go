package redact

import (
	"net/url"
	"strings"
)

// isForm reports whether s has the form key=value&key=value of forms and queries, without
// characters that would be escaped.
func isForm(s string) bool {
	eq := strings.IndexByte(s, '=')
	if eq <= 0 || strings.ContainsAny(s, " \t\n\"<>{}") {
		return false
	}
	return strings.IndexFunc(s[:eq], func(c rune) bool { return c >= 0x80 || !isWord(byte(c)) && !strings.ContainsRune(".-%[]$+", c) }) < 0 &&
		strings.Trim(s[eq:], "=") != ""
}

// form redacts the values of application/x-www-form-urlencoded.
func (p *pass) form(s string, depth int) string {
	pairs := strings.Split(s, "&")
	for i, pair := range pairs {
		pairs[i] = p.pair(pair, depth)
	}
	return strings.Join(pairs, "&")
}

func (p *pass) pair(s string, depth int) string {
	key, v, ok := strings.Cut(s, "=")
	if !ok {
		return p.value(s, depth)
	}
	end := v[len(strings.TrimRight(v, "\r\n")):]
	v = v[:len(v)-len(end)]
	if v == "" || isPseudonym(v) {
		return s
	}
	name, inner := plus(key), strings.ToValidUTF8(plus(v), "\ufffd")
	clean := ""
	if kind := p.hard(name); kind != "" {
		clean = p.secret(name, kind, inner)
	} else {
		clean = p.value(inner, depth)
	}
	switch {
	case clean == inner:
	case inner == v && !strings.ContainsAny(clean, "&+%# \t\r\n"):
		v = clean // not escaped
	default:
		v = p.escaped(clean, v)
	}
	if plain := plus(key); plain != key {
		if clean := p.looks(plain); clean != plain {
			return p.escaped(clean, key) + "=" + v + end
		}
	}
	return p.looks(key) + "=" + v + end
}

// plus decodes form encoding, in which '+' is a space.
func plus(s string) string {
	s = uncut(s)
	if out, err := url.QueryUnescape(s); err == nil {
		return out
	}
	return unescape(s)
}

// uncut returns s without an incomplete escape at its end.
func uncut(s string) string {
	if i := strings.LastIndexByte(s, '%'); i >= 0 && i >= len(s)-2 {
		return s[:i]
	}
	return s
}
