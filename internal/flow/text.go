package flow

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Fields returns the fields of net/http's header, sorted by name; net/http doesn't keep their
// order.
func Fields(h map[string][]string) []Header {
	n := 0
	for _, vs := range h {
		n += len(vs)
	}
	out := make([]Header, 0, n)
	for name, vs := range h {
		for _, v := range vs {
			out = append(out, Header{Name: name, Value: v})
		}
	}
	slices.SortStableFunc(out, func(a, b Header) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// Printable makes foreign text safe for a line of a terminal: it replaces control characters,
// line ends, changes of direction, and joiners outside an EmojiSequence.
func Printable(s string) string {
	if strings.IndexFunc(s, unprintable) < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch seq := EmojiSequence(s[i:]); {
		case seq > 0:
			n = seq
			b.WriteString(s[i : i+seq])
		case unprintable(r):
			b.WriteRune(unicode.ReplacementChar)
		default:
			b.WriteRune(r)
		}
		i += n
	}
	return b.String()
}

func unprintable(r rune) bool { return !unicode.IsPrint(r) || r == unicode.ReplacementChar }

// Escape makes foreign text safe for a line of Markdown: Printable, with markup escaped
// (CommonMark 0.31, 2.4 and 2.5; GFM's tables and strikethrough).
func Escape(s string) string {
	return markup.Replace(Printable(s))
}

// markup escapes the characters that may be markup in a line. "&" may begin an entity, such as
// "&#x202e;", a change of direction.
var markup = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", "&lt;", ">", "&gt;", "&", "&amp;",
	"#", `\#`, "|", `\|`, "~", `\~`,
)
