package har

import (
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// space skips white space.
func (q *quick) space() {
	if q.at < len(q.b) && q.b[q.at] <= ' ' {
		q.at += spaceRun(q.b[q.at:])
	}
}

// literal consumes a word of JSON if it comes next.
func (q *quick) literal(word string) bool {
	if len(q.b)-q.at < len(word) || string(q.b[q.at:q.at+len(word)]) != word {
		return false
	}
	q.at += len(word)
	return true
}

// is consumes a byte if it comes next, after white space.
func (q *quick) is(c byte) bool {
	if q.space(); q.at < len(q.b) && q.b[q.at] == c {
		q.at++
		return true
	}
	return false
}

func (q *quick) expect(c byte) {
	if !q.is(c) {
		q.odd = true
	}
}

// object reads an object, whose values member has to consume; name is "" if it is none of [members].
// Null is an object without members, as it is for encoding/json.
func (q *quick) object(member func(name string)) {
	if q.null() {
		return
	}
	if q.depth++; q.depth >= len(q.seen) {
		q.odd = true
		return
	}
	q.seen[q.depth] = 0
	q.expect('{')
	for first := true; !q.odd && !q.is('}'); first = false {
		if !first {
			q.expect(',')
		}
		name := q.name()
		q.expect(':')
		if !q.odd {
			member(name)
		}
	}
	q.depth--
}

// list reads an array, whose items item has to consume.
func (q *quick) list(item func()) {
	q.expect('[')
	for first := true; !q.odd && !q.is(']'); first = false {
		if !first {
			q.expect(',')
		}
		item()
	}
}

// name reads the name of a member. One that is written in an unusual way, or twice, is odd if it is
// one of those that are read.
func (q *quick) name() string {
	q.space()
	raw, plain := q.quoted()
	if q.odd {
		return ""
	}
	if m, known := members[string(raw)]; known {
		q.odd = q.seen[q.depth]&m.bit != 0
		q.seen[q.depth] |= m.bit
		return m.name
	}
	const most = 32
	for _, c := range raw {
		plain = plain && c < utf8.RuneSelf
	}
	if !plain || len(raw) <= most && folded[string(asciiLower(append(q.scratch[:0], raw...)))] {
		q.odd = true
	}
	return ""
}

// digits reads a number (RFC 8259, 6).
func (q *quick) digits() []byte {
	q.space()
	from := q.at
	some := func() {
		n := q.at
		for q.at < len(q.b) && q.b[q.at] >= '0' && q.b[q.at] <= '9' {
			q.at++
		}
		q.odd = q.odd || q.at == n
	}
	next := func(set string) bool {
		for i := range len(set) {
			if q.at < len(q.b) && q.b[q.at] == set[i] {
				q.at++
				return true
			}
		}
		return false
	}
	next("-")
	if !next("0") {
		some()
	}
	if next(".") {
		some()
	}
	if next("eE") {
		next("+-")
		some()
	}
	return q.b[from:q.at]
}

// quoted reads a string, and returns it as it is written, without its quotes. plain says that it has
// no escapes.
func (q *quick) quoted() (raw []byte, plain bool) {
	if q.at >= len(q.b) || q.b[q.at] != '"' {
		q.odd = true
		return nil, false
	}
	from := q.at + 1
	plain = true
	for i := from; i < len(q.b); i++ {
		switch c := q.b[i]; {
		case special[c] == 0:
		case c == '"':
			q.at = i + 1
			return q.b[from:i], plain
		case c == '\\' && i+1 < len(q.b):
			plain = false
			n := escapeLength(q.b[i:])
			if n == 0 {
				q.odd = true
				return nil, false
			}
			i += n - 1
		default: // a control character
			q.odd = true
			return nil, false
		}
	}
	q.odd = true
	return nil, false
}

// special are the bytes of a string that don't stand for themselves.
var special = func() (out [256]byte) {
	for c := range byte(' ') {
		out[c] = 1
	}
	out['"'], out['\\'] = 1, 1
	return out
}()

// escapeLength is the length of the escape that b begins with; 0 if it is none.
func escapeLength(b []byte) int {
	const unicodeLength = 6
	switch b[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if hex4(b) >= 0 {
			return unicodeLength
		}
	}
	return 0
}

// hex4 is the number of the escape \uXXXX that b begins with; -1 if it is none.
func hex4(b []byte) (r rune) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return -1
	}
	for _, c := range b[2:6] {
		switch {
		case c >= '0' && c <= '9':
			r = r<<4 | rune(c-'0')
		case c >= 'a' && c <= 'f':
			r = r<<4 | rune(c-'a'+10)
		case c >= 'A' && c <= 'F':
			r = r<<4 | rune(c-'A'+10)
		default:
			return -1
		}
	}
	return r
}

// unescaped appends a string without its escapes, which are valid, until at least most bytes are
// appended. A surrogate without its other half becomes U+FFFD, as in encoding/json.
func unescaped(out, raw []byte, most int) []byte {
	for i := 0; i < len(raw) && len(out) < most; {
		if raw[i] != '\\' {
			n := i
			for i < len(raw) && raw[i] != '\\' {
				i++
			}
			out = append(out, raw[n:i]...)
			continue
		}
		switch c := raw[i+1]; c {
		case 'u':
			r := hex4(raw[i:])
			i += 6
			if utf16.IsSurrogate(r) {
				if r = utf16.DecodeRune(r, hex4(raw[i:])); r == unicode.ReplacementChar {
					out = utf8.AppendRune(out, r)
					continue
				}
				i += 6
			}
			out = utf8.AppendRune(out, r)
		default:
			out = append(out, escaped[c])
			i += 2
		}
	}
	return out
}

// escaped are the bytes that escapes stand for.
var escaped = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// skip consumes a value that nobody reads.
func (q *quick) skip() { q.skipIn(0) }

func (q *quick) skipIn(depth int) {
	q.space()
	switch {
	case q.odd:
	case q.at >= len(q.b), depth > maxDepth:
		q.odd = true
	case q.b[q.at] == '"':
		q.quoted()
	case q.b[q.at] == '[':
		q.list(func() { q.skipIn(depth + 1) })
	case q.b[q.at] == '{':
		q.expect('{')
		for first := true; !q.odd && !q.is('}'); first = false {
			if !first {
				q.expect(',')
			}
			q.space()
			q.quoted()
			q.expect(':')
			q.skipIn(depth + 1)
		}
	case q.literal("null"), q.literal("true"), q.literal("false"):
	default:
		q.digits()
	}
}
