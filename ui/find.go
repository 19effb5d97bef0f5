package ui

import (
	"unicode"
	"unicode/utf8"
)

// A stretch is a part of a text, in bytes.
type stretch struct{ from, to int }

// found lists where a text has want in it, in any case, without overlaps. A mark
// that sits on the last character belongs to it.
func found(text, want string) []stretch {
	if want == "" {
		return nil
	}
	first, _ := utf8.DecodeRuneInString(want)
	first = fold(first)
	var out []stretch
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		if fold(r) == first {
			if m := prefix(text[i:], want); m > 0 {
				out = append(out, stretch{i, i + m})
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

// clipped are the parts of all that lie in the bytes from a to b of their text,
// counted from a.
func clipped(all []stretch, a, b int) []stretch {
	var out []stretch
	for _, s := range all {
		if from, to := max(s.from, a), min(s.to, b); from < to {
			out = append(out, stretch{from - a, to - a})
		}
	}
	return out
}
