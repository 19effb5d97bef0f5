package text

import (
	"github.com/rivo/uniseg"

	"detour/internal/flow"
)

// FirstCharacter returns the first character of s as a person sees it: a letter with its
// combining marks, or a joined emoji. It is "" if s is.
func FirstCharacter(s string) string {
	if n := flow.EmojiSequence(s); n > 0 {
		return s[:n]
	}
	c, _, _, _ := uniseg.FirstGraphemeClusterInString(s, -1)
	return c
}

// LastCharacter returns the last character of s, as FirstCharacter does the first.
func LastCharacter(s string) string {
	last := ""
	for s != "" {
		last = FirstCharacter(s)
		s = s[len(last):]
	}
	return last
}
