package redact

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"
)

// base64 redacts base64-encoded text (RFC 4648), in either alphabet, with or without padding
// and line ends. ok is false if s isn't that, or has no secret.
func (p *pass) base64(s string, depth int) (out string, ok bool) {
	head := ""
	if i := strings.Index(s[:min(len(s), 128)], ";base64,"); i > 0 && strings.HasPrefix(s, "data:") {
		head, s = s[:i+len(";base64,")], s[i+len(";base64,"):]
	}
	coded := strings.TrimRight(s, "=")
	if strings.ContainsAny(coded, "\r\n") {
		coded = strings.NewReplacer("\r", "", "\n", "").Replace(coded)
	}
	if len(coded) < 12 {
		return "", false
	}
	coding := base64.RawStdEncoding
	for i := range len(coded) {
		switch c := coded[i]; {
		case '0' <= c && c <= '9', 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', c == '+', c == '/':
		case c == '-' || c == '_':
			coding = base64.RawURLEncoding
		default:
			return "", false
		}
	}
	if len(coded)%4 == 1 { // truncated
		coded = coded[:len(coded)-1]
	}
	b, err := coding.DecodeString(coded)
	if err != nil {
		return "", false
	}
	inner := whole(string(b))
	if binary(inner) {
		return "", false
	}
	clean := p.value(inner, depth)
	if clean == inner {
		return "", false
	}
	if strings.HasSuffix(s, "=") {
		coding = coding.WithPadding('=')
	}
	if out = coding.EncodeToString([]byte(clean)); p.terse && len(out) > len(s) {
		out = mark
	}
	return head + out, true
}

// whole returns s without an incomplete character at its end.
func whole(s string) string {
	for n := 1; n <= utf8.UTFMax-1 && n <= len(s); n++ {
		if c := s[len(s)-n]; utf8.RuneStart(c) {
			if c >= utf8.RuneSelf && !utf8.FullRuneInString(s[len(s)-n:]) {
				return s[:len(s)-n]
			}
			break
		}
	}
	return s
}

// binary reports whether s isn't text: invalid UTF-8, a NUL, or more than 2 % control
// characters.
func binary(s string) bool {
	if !utf8.ValidString(s) {
		return true
	}
	odd := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == 0:
			return true
		case c < ' ' && c != '\t' && c != '\n' && c != '\r':
			odd++
		}
	}
	return odd*50 > len(s)
}
