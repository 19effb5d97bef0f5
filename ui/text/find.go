package text

import (
	"unicode"
	"unicode/utf8"
)

// A Span is a part of a string: its bytes from From up to, but not including, To.
type Span struct{ From, To int }

// Find lists where text contains want, in upper or lower case, without overlaps. A
// combining mark on the last character belongs to the match. Nothing matches a want of "".
func Find(text, want string) []Span {
	if want == "" {
		return nil
	}
	first, _ := utf8.DecodeRuneInString(want)
	first = fold(first)
	var out []Span
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		if fold(r) == first {
			if m := prefix(text[i:], want); m > 0 {
				out = append(out, Span{i, i + m})
				i += m
				continue
			}
		}
		i += n
	}
	return out
}

// prefix is how many bytes of text are want in some case, 0 if it doesn't begin with it.
func prefix(text, want string) int {
	n := 0
	for want != "" {
		r, size := utf8.DecodeRuneInString(want)
		s, length := utf8.DecodeRuneInString(text[n:])
		if length == 0 || fold(r) != fold(s) {
			return 0
		}
		want, n = want[size:], n+length
	}
	for n < len(text) {
		r, length := utf8.DecodeRuneInString(text[n:])
		if !unicode.Is(unicode.Mn, r) {
			break
		}
		n += length
	}
	return n
}

// fold makes letters that differ in case alone the same.
func fold(r rune) rune {
	if r < utf8.RuneSelf {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}
	return unicode.ToLower(r)
}

// Clip returns the parts of the spans that lie within the bytes a to b of their string,
// counted from a.
func Clip(all []Span, a, b int) []Span {
	var out []Span
	for _, s := range all {
		if from, to := max(s.From, a), min(s.To, b); from < to {
			out = append(out, Span{from - a, to - a})
		}
	}
	return out
}
