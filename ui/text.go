package ui

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"

	"detour/internal/flow"
)

// Most of what the screen shows was written by somebody else: URLs, headers,
// error messages, certificate names. Nothing of it may steer the terminal,
// hide itself, reorder its neighbours or push columns out of line. So every
// string passes through clean on its way to a cell, and what can't be shown
// safely is replaced by a mark that a person sees.

const (
	// replacement stands for a character that isn't shown as it is.
	replacement = '\uFFFD'
	ellipsis    = "…"
	// maxMarks is how many combining marks one character may carry. Scripts in
	// use need two; piles of them overflow into the rows above and below.
	maxMarks = 2
)

// clean returns s with only visible characters of a known width: control
// characters become their pictures, everything that has no picture of its own,
// or changes the look of others, becomes the replacement character.
func clean(s string) string {
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

// head returns at most n bytes of s, whole characters, and whether it is less than s.
func head(s string, n int) (string, bool) {
	if len(s) <= n {
		return s, false
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n], true
}

// width is how many cells a cleaned string takes.
func width(s string) int {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return uniseg.StringWidth(s)
		}
	}
	return len(s)
}

// bytesPerCell bounds how many bytes of a string are looked at to fill a cell: a base
// character and its marks, of four bytes each, or half of an emoji that is joined of four.
const bytesPerCell = max(4*(1+maxMarks), (4*(4+4)+3*3+1)/2)

// fit returns s, cleaned and cut to w cells; a cut shows as an ellipsis.
func fit(s string, w int) string {
	if w <= 0 {
		return ""
	}
	s, more := head(s, (w+1)*bytesPerCell)
	s = clean(s)
	if !more && width(s) <= w {
		return s
	}
	used, end, state, rest := 0, 0, -1, s
	for rest != "" {
		var c string
		var cw int
		c, rest, cw, state = uniseg.FirstGraphemeClusterInString(rest, state)
		if used+cw > w-1 {
			break
		}
		used += cw
		end += len(c)
	}
	return s[:end] + ellipsis
}

// wrap breaks a cleaned string into pieces of at most w cells: at a space if
// there is one in the later half of a piece, else anywhere.
func wrap(s string, w int) []string {
	var out []string
	for _, p := range pieces(s, w) {
		out = append(out, s[p.from:p.to])
	}
	return out
}

// pieces is where wrap finds its pieces in s.
func pieces(s string, w int) []stretch {
	if w <= 0 {
		return nil
	}
	var out []stretch
	for from := 0; ; {
		at := from + breakAt(s[from:], w)
		if at == len(s) {
			return append(out, stretch{from, at})
		}
		out = append(out, stretch{from, from + len(strings.TrimRight(s[from:at], " "))})
		from = len(s) - len(strings.TrimLeft(s[at:], " "))
	}
}

// cellsIn is the byte offset of a cleaned string's n-th cell, or of its end.
func cellsIn(s string, n int) int {
	if k := plainBytes(s, n); k == n || k == len(s) {
		return k
	}
	used, end, state, rest := 0, 0, -1, s
	for rest != "" && used < n {
		var c string
		var cw int
		c, rest, cw, state = uniseg.FirstGraphemeClusterInString(rest, state)
		used += cw
		end += len(c)
	}
	return end
}

// plainBytes is how many printable ASCII characters s begins with; it counts to n.
func plainBytes(s string, n int) int {
	for i := range min(len(s), n) {
		if s[i] < ' ' || s[i] > '~' {
			return i
		}
	}
	return min(len(s), n)
}

// breakAt is the byte offset at which the first piece of s ends. A character
// that is wider than w is a piece by itself.
func breakAt(s string, w int) int {
	switch n := plainBytes(s, w+1); { // what nearly all text is: a cell a byte
	case n == len(s) && n <= w:
		return n
	case n > w && s[w] == ' ':
		return w
	case n > w:
		if i := strings.LastIndexByte(s[:w], ' ') + 1; i > w/2 {
			return i
		}
		return w
	}
	used, end, space, state, rest := 0, 0, 0, -1, s
	for rest != "" {
		var c string
		var cw int
		c, rest, cw, state = uniseg.FirstGraphemeClusterInString(rest, state)
		switch {
		case used+cw > w && end == 0:
			return len(c)
		case used+cw > w && c != " " && space > 0:
			return space
		case used+cw > w:
			return end
		}
		used += cw
		end += len(c)
		if c == " " && used > w/2 {
			space = end
		}
	}
	return len(s)
}
