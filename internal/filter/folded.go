package filter

import (
	"strings"
	"unicode/utf8"
)

// A folded text is one to search for, ignoring case. It runs over all texts of all flows on
// every keystroke, so it neither allocates nor compares where a rare byte of it doesn't occur.
type folded struct {
	word         string // in lower case
	rare         int    // the index of its rarest byte
	lower, upper byte   // that byte
}

// byRarity are the bytes of texts that a flow has, the most frequent ones last. Others are
// rarer.
const byRarity = "qzjxkvbywfgu05h3679824dl1mpr:/nc.oistae"

func foldedText(s string) *folded {
	f := &folded{word: strings.ToLower(s)}
	if f.word == "" {
		return f
	}
	for i := range len(f.word) {
		if strings.IndexByte(byRarity, f.word[i]) < strings.IndexByte(byRarity, f.word[f.rare]) {
			f.rare = i
		}
	}
	f.lower, f.upper = f.word[f.rare], f.word[f.rare]
	if 'a' <= f.lower && f.lower <= 'z' {
		f.upper -= 'a' - 'A'
	}
	return f
}

// shortText is up to how many bytes are quicker looked at one by one. Most texts of a flow are that
// short.
const shortText = 24

// in reports whether s contains the text.
func (f *folded) in(s string) bool {
	if f.word == "" {
		return true
	}
	if len(s) <= shortText && !f.mayBeIn(s) {
		return false
	}
	return f.inASCII(s) || !ascii(s) && strings.Contains(strings.ToLower(s), f.word)
}

// mayBeIn reports whether s has the rarest byte, or one outside ASCII.
func (f *folded) mayBeIn(s string) bool {
	for i := range len(s) {
		if c := s[i]; c == f.lower || c == f.upper || c >= utf8.RuneSelf {
			return true
		}
	}
	return false
}

// inASCII is in for letters without accents.
func (f *folded) inASCII(s string) bool {
	last := len(s) - len(f.word) // the last place where it may begin
	if last < 0 {
		return false
	}
	places := s[f.rare : f.rare+last+1] // of the rare byte
	for at := 0; at < len(places); at++ {
		next := indexEither(places[at:], f.lower, f.upper)
		if next < 0 {
			return false
		}
		if at += next; equalLower(s[at:at+len(f.word)], f.word) {
			return true
		}
	}
	return false
}

// indexEither returns the index of the first a or b in s; -1 if there is none.
func indexEither(s string, a, b byte) int {
	at := strings.IndexByte(s, a)
	if a == b {
		return at
	}
	if at >= 0 {
		s = s[:at]
	}
	if before := strings.IndexByte(s, b); before >= 0 {
		return before
	}
	return at
}

// equalLower reports whether s in lower case is word, which is as long.
func equalLower(s, word string) bool {
	for i := range len(word) {
		c := s[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != word[i] {
			return false
		}
	}
	return true
}

func ascii(s string) bool {
	for ; len(s) >= 8; s = s[8:] {
		if (s[0] | s[1] | s[2] | s[3] | s[4] | s[5] | s[6] | s[7]) >= utf8.RuneSelf {
			return false
		}
	}
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
