package text

import (
	"strings"

	"github.com/rivo/uniseg"
)

// Wrap breaks a cleaned string into pieces of at most w cells: at a space if
// there is one in the later half of a piece, else anywhere. A piece has no blanks at its end.
func Wrap(s string, w int) []string {
	var out []string
	for _, p := range WrapSpans(s, w) {
		out = append(out, s[p.From:p.To])
	}
	return out
}

// WrapSpans returns where the pieces that Wrap would return are in s.
func WrapSpans(s string, w int) []Span {
	if w <= 0 {
		return nil
	}
	var out []Span
	for from := 0; ; {
		at := from + breakAt(s[from:], w)
		if at == len(s) {
			return append(out, Span{from, at})
		}
		out = append(out, Span{from, from + len(strings.TrimRight(s[from:at], " "))})
		from = len(s) - len(strings.TrimLeft(s[at:], " "))
	}
}

// breakAt is the byte offset at which the first piece of s ends. A character
// that is wider than w is a piece of one character.
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

// plainBytes is how many printable ASCII characters s begins with; it counts to n.
func plainBytes(s string, n int) int {
	for i := range min(len(s), n) {
		if s[i] < ' ' || s[i] > '~' {
			return i
		}
	}
	return min(len(s), n)
}
