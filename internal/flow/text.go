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
// (CommonMark 0.31, 2.4 and 2.5; GFM's tables and strikethrough). On GitHub, it mentions nobody
// and refers to no issue.
func Escape(s string) string {
	return unlinked(markup.Replace(Printable(s)))
}

// unlinked ends what GitHub would take for a mention or an issue behind its first character, with a
// comment. GitHub looks for these in the rendered text, where "\@" and "&#64;" are "@".
func unlinked(s string) string {
	if !strings.ContainsAny(s, "@#") {
		return s
	}
	const comment = "<!-- -->"
	var b strings.Builder
	for i := range len(s) {
		b.WriteByte(s[i])
		if i+1 == len(s) {
			break
		}
		mention := s[i] == '@' && isAlnum(s[i+1]) && (i == 0 || !isAlnum(s[i-1]))
		if mention || s[i] == '#' && '0' <= s[i+1] && s[i+1] <= '9' {
			b.WriteString(comment)
		}
	}
	return b.String()
}

func isAlnum(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// markup escapes the characters that may be markup in a line. "&" may begin an entity, such as
// "&#x202e;", a change of direction.
var markup = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", "&lt;", ">", "&gt;", "&", "&amp;",
	"#", `\#`, "|", `\|`, "~", `\~`,
)
