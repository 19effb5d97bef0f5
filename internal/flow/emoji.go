package flow

import (
	"unicode"
	"unicode/utf8"
)

// maxJoined is how many emoji a sequence joins: those that Unicode recommends (UTS #51,
// emoji-zwj-sequences.txt) have four at most.
const maxJoined = 4

// EmojiSequence is how many bytes at the beginning of s are emoji that joiners make one
// picture, as a family; 0 if s doesn't begin so. Within these alone a joiner and a
// variation selector are what a person sees: anywhere else they hide in a text.
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
	emojiSelector   = '\ufe0f' // asks for the picture instead of the sign
)

// emojiElement is how many bytes at the beginning of s are one emoji, with its selector or
// the colour of its skin.
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

// isEmoji reports whether r is among the emoji that sequences are made of.
func isEmoji(r rune) bool {
	switch r {
	case '↔', '↕', '☠', '♀', '♂', '⚕', '⚖', '⚧', '⛓', '⛹', '✈', '❄', '❤', '➡', '⬛':
		return true
	}
	in := 0x1f300 <= r && r <= 0x1f64f || 0x1f680 <= r && r <= 0x1f6ff || 0x1f7e0 <= r && r <= 0x1f7eb ||
		0x1f900 <= r && r <= 0x1f9ff || 0x1fa70 <= r && r <= 0x1faff
	return in && !isSkin(r) && unicode.IsPrint(r)
}
