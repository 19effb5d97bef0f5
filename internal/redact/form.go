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
	named := namedPairs(p, pairs)
	for i, pair := range pairs {
		if kind := named[i]; kind != "" {
			key, v, _ := strings.Cut(pair, "=")
			pairs[i] = key + "=" + p.pseudonym(kind, plus(v))
			continue
		}
		pairs[i] = p.pair(pair, depth)
	}
	return strings.Join(pairs, "&")
}

// namedPairs returns the kinds of the pairs whose values another pair says to be secrets, as in
// Parameters.member.1.ParameterKey=Password&Parameters.member.1.ParameterValue=… of the query
// protocol. nil if there are none.
func namedPairs(p *pass, pairs []string) map[int]string {
	var of map[int]string // what the names of values begin with
	var named map[int]string
	var holders map[string]string // kinds, by what the names of both pairs begin with
	for i, pair := range pairs {
		key, v, _ := strings.Cut(pair, "=")
		dot := strings.LastIndexByte(key, '.') + 1
		if dot == 0 || v == "" || isPseudonym(v) {
			continue
		}
		switch about := p.look(key[dot:]); {
		case about.names && len(v) <= 128:
			if kind := p.kind(plus(v)); kind != "" {
				if holders == nil {
					holders = map[string]string{}
				}
				holders[key[:dot]] = kind
			}
		case about.isNamed:
			if of == nil {
				of = map[int]string{}
			}
			of[i] = key[:dot]
		}
	}
	for i, holder := range of {
		if kind := holders[holder]; kind != "" {
			if named == nil {
				named = map[int]string{}
			}
			named[i] = kind
		}
	}
	return named
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
