package report

import (
	"strings"
	"unicode/utf8"

	"detour/internal/flow"
	"detour/internal/wording"
)

// maxWidth is the width of lines in a mail (RFC 5322, 2.1.1, asks for 78 at most).
const maxWidth = 76

// inPlainText is text without markup, for a mail.
func inPlainText() style {
	return style{
		heading: func(level int, text string) string {
			text = flow.Printable(text)
			under := map[int]string{1: "=", 2: "-"}[level]
			if under == "" || utf8.RuneCountInString(text) > maxWidth {
				return wrapped("", "", text)
			}
			return text + "\n" + strings.Repeat(under, utf8.RuneCountInString(text))
		},
		label: func(label, text string) string {
			if text == "" {
				return label + ":"
			}
			return wrapped("", "  ", label+": "+flow.Printable(text))
		},
		paragraph: func(text string) string { return wrapped("", "", flow.Printable(text)) },
		item:      func(text string) string { return wrapped("- ", "  ", flow.Printable(text)) },
		command:   func(command string) (string, bool) { return "    " + command, true },
		table:     columns,
	}
}

// wrapped is text in lines of maxWidth, as far as its words allow, with what stands before the
// first one and before the others.
func wrapped(first, then, text string) string {
	var out strings.Builder
	line, empty := first, true
	for _, word := range strings.Fields(text) {
		switch {
		case empty:
			line += word
		case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) <= maxWidth:
			line += " " + word
		default:
			out.WriteString(line + "\n")
			line = then + word
		}
		empty = false
	}
	return out.String() + line
}

// columns is a table with aligned columns; "" if a line would be too long.
func columns(t *Table) string {
	rows := append([][]string{t.Columns}, t.Rows...)
	widths := make([]int, len(t.Columns))
	total := -2
	for i := range t.Columns {
		for _, r := range rows {
			widths[i] = max(widths[i], utf8.RuneCountInString(flow.Printable(wording.Clip(r[i], MaxCell))))
		}
		total += widths[i] + 2
	}
	if total > maxWidth {
		return ""
	}
	var b strings.Builder
	for _, r := range rows {
		line := ""
		for i, c := range r {
			c = flow.Printable(wording.Clip(c, MaxCell))
			line += c + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(c)+2)
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}
