package flow

import (
	"encoding/json"
	"strings"
)

// SplitSetCookie returns the fields of a Set-Cookie value in which an exporter joined
// several: with line ends (Chromium's HAR), as a JSON array, or with commas (RFC 9110, 5.3,
// forbids that, because a date has a comma). A comma separates fields if a name and "="
// follow it; before the first attribute, only if a space does too, because cookies' values
// have commas, against RFC 6265. A single field is returned as it is.
func SplitSetCookie(v string) []string {
	if strings.HasPrefix(v, "[") {
		var all []string
		if json.Unmarshal([]byte(v), &all) == nil {
			var out []string
			for _, one := range all {
				out = append(out, SplitSetCookie(one)...)
			}
			return out
		}
	}
	if !strings.ContainsAny(v, "\r\n,") {
		return []string{v}
	}
	var out []string
	for line := range strings.FieldsFuncSeq(v, func(c rune) bool { return c == '\n' || c == '\r' }) {
		out = append(out, splitAtCommas(line)...)
	}
	return out
}

func splitAtCommas(v string) (out []string) {
	begin, attributes := 0, false
	for i := range len(v) {
		switch {
		case v[i] == ';':
			attributes = true
		case v[i] == ',' && (attributes || strings.HasPrefix(v[i+1:], " ")) && beginsCookie(v[i+1:]):
			out = append(out, strings.TrimSpace(v[begin:i]))
			begin, attributes = i+1, false
		}
	}
	return append(out, strings.TrimSpace(v[begin:]))
}

// beginsCookie reports whether s begins with a cookie's name (RFC 6265, 4.1.1) and "=".
func beginsCookie(s string) bool {
	s = strings.TrimLeft(s, " ")
	end := strings.IndexFunc(s, func(c rune) bool {
		return c <= ' ' || c >= 0x7f || strings.ContainsRune(`()<>@,;:\"/[]?={}`, c)
	})
	return end > 0 && s[end] == '='
}
