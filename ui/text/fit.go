package text

import (
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// Head returns at most n bytes of s, in whole UTF-8 characters, and whether s has more.
func Head(s string, n int) (string, bool) {
	if len(s) <= n {
		return s, false
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n], true
}

// Width returns how many cells of the screen a cleaned string takes.
func Width(s string) int {
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

// Fit returns s, cleaned and cut to w cells. A cut ends in [Ellipsis].
func Fit(s string, w int) string {
	if w <= 0 {
		return ""
	}
	s, more := Head(s, (w+1)*bytesPerCell)
	s = Clean(s)
	if !more && Width(s) <= w {
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
	return s[:end] + Ellipsis
}

// Offset returns the byte offset of the n-th cell of a cleaned string, or its length if
// it has fewer cells.
func Offset(s string, n int) int {
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

// Middle cuts a cleaned string to w cells in its middle: begin cells of its beginning
// stay, an ellipsis, and as much of its end as fits.
func Middle(s string, begin, w int) string {
	if Width(s) <= w {
		return s
	}
	begin = min(begin, w-1)
	return FirstCells(s, begin) + Ellipsis + LastCells(s, w-1-begin)
}

// FirstCells returns as much of the beginning of a cleaned string as fits in w cells.
func FirstCells(s string, w int) string {
	end := 0
	eachCharacter(s, func(from, to, left int) {
		if left+Width(s[from:to]) <= w {
			end = to
		}
	})
	return s[:end]
}

// LastCells returns as much of the end of a cleaned string as fits in w cells.
func LastCells(s string, w int) string {
	all, at := Width(s), len(s)
	eachCharacter(s, func(from, _, left int) {
		if at == len(s) && all-left <= w {
			at = from
		}
	})
	return s[at:]
}

// eachCharacter calls f with the bytes of each character of a cleaned text, and how many
// cells there are before it.
func eachCharacter(s string, f func(from, to, left int)) {
	at, left, state, rest := 0, 0, -1, s
	for rest != "" {
		var c string
		var w int
		c, rest, w, state = uniseg.FirstGraphemeClusterInString(rest, state)
		f(at, at+len(c), left)
		at += len(c)
		left += w
	}
}
