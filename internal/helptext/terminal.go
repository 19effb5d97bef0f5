package helptext

import (
	"strings"
	"unicode/utf8"

	"detour/internal/lazyregexp"
)

// widestName is how wide the first column of a table may be; a table with a wider name
// has its texts below the names.
const widestName = 27

// Terminal is a topic as plain text, for a screen of that many columns. Only a word or
// a line of code that is longer makes a line longer.
func Terminal(source string, f Fill, width int) string {
	var out strings.Builder
	before := kind(-1)
	for _, b := range parse(source, f) {
		if before >= 0 && (b.kind != item || before != item) {
			out.WriteByte('\n')
		}
		before = b.kind
		switch b.kind {
		case heading:
			out.WriteString(strings.ToUpper(plain(b.lines[0])) + "\n")
		case paragraph:
			out.WriteString(fold(plain(strings.Join(b.lines, " ")), width, "", ""))
		case item:
			out.WriteString(fold(plain(strings.Join(b.lines, " ")), width, "- ", "  "))
		case code:
			for _, line := range b.lines {
				out.WriteString(strings.TrimRight("  "+line, " ") + "\n")
			}
		case table:
			b.list.terminal(&out, width)
		}
	}
	return out.String()
}

// terminal writes a table as two columns.
func (l List) terminal(out *strings.Builder, width int) {
	column := 0
	for _, e := range l.Entries {
		column = max(column, utf8.RuneCountInString(e.Name))
	}
	for _, e := range l.Entries {
		text := plain(e.Text)
		switch {
		case column > widestName:
			out.WriteString("  " + e.Name + "\n" + fold(text, width, "      ", "      "))
		case text == "":
			out.WriteString("  " + e.Name + "\n")
		default:
			pad := strings.Repeat(" ", column-utf8.RuneCountInString(e.Name)+2)
			out.WriteString(fold(text, width, "  "+e.Name+pad, strings.Repeat(" ", column+4)))
		}
	}
}

var (
	toLink   = lazyregexp.New(`\[([^\]]+)\]\([^)\s]+\)`)
	emphasis = lazyregexp.New(`\*\*?([^*\s][^*]*)\*\*?`)
)

// plain takes Markdown's marks out of a text; what is in backquotes stays as it is.
func plain(s string) string {
	parts := strings.Split(s, "`")
	for i := 0; i < len(parts); i += 2 {
		parts[i] = emphasis.ReplaceAllString(toLink.ReplaceAllString(parts[i], "$1"), "$1")
	}
	return strings.Join(parts, "")
}

// fold wraps a text at spaces; first is before its first line, next before the others.
func fold(text string, width int, first, next string) string {
	var out strings.Builder
	line := first
	empty := true // the line has no word yet
	for _, w := range strings.Fields(text) {
		if !empty && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(w) > width {
			out.WriteString(strings.TrimRight(line, " ") + "\n")
			line, empty = next, true
		}
		if !empty {
			line += " "
		}
		line += w
		empty = false
	}
	out.WriteString(strings.TrimRight(line, " ") + "\n")
	return out.String()
}
