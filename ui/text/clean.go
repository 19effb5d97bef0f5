package text

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"detour/internal/flow"
)

// Ellipsis marks where a text was cut.
const Ellipsis = "…"

const (
	// replacement stands for a character that isn't shown as it is.
	replacement = '\uFFFD'
	// maxMarks is how many combining marks one character may carry. Scripts in
	// use need two; piles of them overflow into the rows above and below.
	maxMarks = 2
)

// Clean returns s with only visible characters of a known width. Control characters
// become their pictures (␛); whatever has no picture, or changes how others look,
// becomes the replacement character. Cleaning twice is the same as cleaning once.
func Clean(s string) string {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return cleanRunes(s)
		}
	}
	return s
}

func cleanRunes(s string) string {
	var b strings.Builder
	b.Grow(len(s) + 8)
	marks := maxMarks // a mark needs something to sit on
	for i, skip := 0, 0; i < len(s); i += skip {
		if n := flow.EmojiSequence(s[i:]); n > 0 {
			b.WriteString(s[i : i+n])
			skip, marks = n, maxMarks
			continue
		}
		var r rune
		r, skip = utf8.DecodeRuneInString(s[i:])
		switch {
		case unicode.Is(unicode.Mn, r) && !invisible(r) && marks < maxMarks:
			marks++
			b.WriteRune(r)
			continue
		case unicode.Is(unicode.M, r):
			r = replacement
		default:
			r = visible(r)
		}
		marks = 0
		if r == replacement || r == ' ' {
			marks = maxMarks
		}
		b.WriteRune(r)
	}
	return b.String()
}

// visible returns r, or what stands for it.
func visible(r rune) rune {
	switch {
	case r < ' ':
		return 0x2400 + r // control pictures: ␛ for ESC, ␊ for a line feed
	case r == 0x7f:
		return 0x2421 // ␡
	case r == 0x2e3a || r == 0x2e3b: // dashes of three and four cells
		return replacement
	case unicode.Is(unicode.Zs, r):
		return ' '
	case invisible(r) || !unicode.IsPrint(r): // C1, bidi controls, joiners, byte order marks, tags, private use
		return replacement
	}
	return r
}

// invisible reports whether r takes no room or shows nothing although it
// counts as a letter or a mark.
func invisible(r rune) bool {
	return unicode.In(r, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}
