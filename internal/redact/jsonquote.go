package redact

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// unquote decodes the escapes of a JSON string (RFC 8259, 7), and JavaScript's \x41 and \'.
// It omits an incomplete one at the end.
func unquote(raw string) string {
	i := strings.IndexByte(raw, '\\')
	if i < 0 {
		return raw
	}
	b := make([]byte, i, len(raw))
	copy(b, raw)
	for i < len(raw) {
		c := raw[i]
		if c != '\\' {
			b = append(b, c)
			i++
			continue
		}
		if i+1 == len(raw) {
			break
		}
		size := 2
		switch c = raw[i+1]; c {
		case 'b':
			b = append(b, '\b')
		case 'f':
			b = append(b, '\f')
		case 'n':
			b = append(b, '\n')
		case 'r':
			b = append(b, '\r')
		case 't':
			b = append(b, '\t')
		case 'u', 'x':
			var r rune
			if r, size = unicodeEscape(raw[i:]); size == 0 {
				if len(raw)-i < 6 {
					return string(b)
				}
				r, size = rune(c), 2
			}
			b = utf8.AppendRune(b, r)
		default:
			b = append(b, c)
		}
		i += size
	}
	return string(b)
}

// unicodeEscape reads \uXXXX, a pair of them, or \xXX; size is 0 if it is incomplete.
func unicodeEscape(s string) (r rune, size int) {
	size = 6
	if s[1] == 'x' {
		size = 4
	}
	r, ok := hexRune(s, size)
	if !ok {
		return 0, 0
	}
	if utf16.IsSurrogate(r) {
		if low, ok := hexRune(s[size:], 6); ok && s[size+1] == 'u' {
			if both := utf16.DecodeRune(r, low); both != utf8.RuneError {
				return both, 12
			}
		}
		return utf8.RuneError, size
	}
	return r, size
}

func hexRune(s string, size int) (rune, bool) {
	if len(s) < size || s[0] != '\\' {
		return 0, false
	}
	n, err := strconv.ParseUint(s[2:size], 16, 32)
	return rune(n), err == nil //nolint:gosec // at most four digits
}

// quote appends s as the content of a JSON string.
func quote(b []byte, s string) []byte {
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c == '\n':
			b = append(b, '\\', 'n')
		case c == '\r':
			b = append(b, '\\', 'r')
		case c == '\t':
			b = append(b, '\\', 't')
		case c < ' ':
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		default:
			b = append(b, c)
		}
	}
	return b
}

const hexDigits = "0123456789abcdef"
