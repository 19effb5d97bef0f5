package flow

import (
	"unicode"
	"unicode/utf8"
)

// maxJoined is the maximum number of emoji in a sequence (UTS #51,
// emoji-zwj-sequences.txt).
const maxJoined = 4

// EmojiSequence returns the length in bytes of the emoji at the beginning of s that joiners
// combine into one, as in a family; 0 if there are none. Only inside such a sequence are
// joiners and variation selectors visible; elsewhere they can hide in a text.
func EmojiSequence(s string) int {
	end, n := 0, 0
	for n < maxJoined {
		size := emojiElement(s[end:])
		if size == 0 {
			break
		}
		end += size
		n++
		r, join := utf8.DecodeRuneInString(s[end:])
		if r != zeroWidthJoiner || n == maxJoined || emojiElement(s[end+join:]) == 0 {
			break
		}
		end += join
	}
	if n < 2 {
		return 0
	}
	return end
}

const (
	zeroWidthJoiner = '\u200d'
	emojiSelector   = '\ufe0f' // selects the emoji instead of the text symbol
)

// emojiElement returns the length in bytes of the emoji at the beginning of s, with its
// selector or skin tone.
func emojiElement(s string) int {
	r, end := utf8.DecodeRuneInString(s)
	if !isEmoji(r) {
		return 0
	}
	if r, n := utf8.DecodeRuneInString(s[end:]); r == emojiSelector || isSkin(r) {
		end += n
	}
	return end
}

func isSkin(r rune) bool { return '\U0001f3fb' <= r && r <= '\U0001f3ff' }

// isEmoji reports whether r is an emoji that sequences use.
func isEmoji(r rune) bool {
	switch r {
	case '↔', '↕', '☠', '♀', '♂', '⚕', '⚖', '⚧', '⛓', '⛹', '✈', '❄', '❤', '➡', '⬛':
		return true
	}
	in := 0x1f300 <= r && r <= 0x1f64f || 0x1f680 <= r && r <= 0x1f6ff || 0x1f7e0 <= r && r <= 0x1f7eb ||
		0x1f900 <= r && r <= 0x1f9ff || 0x1fa70 <= r && r <= 0x1faff
	return in && !isSkin(r) && unicode.IsPrint(r)
}
