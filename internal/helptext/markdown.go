package helptext

import "strings"

// pageWidth is how long lines of a page's prose are, at most.
const pageWidth = 110

// Markdown is a topic for a page: the same text with its placeholders filled in.
func Markdown(source string, f Fill) string {
	var out strings.Builder
	before := kind(-1)
	for _, b := range parse(source, f) {
		if before >= 0 && (b.kind != item || before != item) {
			out.WriteByte('\n')
		}
		before = b.kind
		switch b.kind {
		case heading:
			out.WriteString("## " + b.lines[0] + "\n")
		case paragraph:
			out.WriteString(fold(strings.Join(b.lines, " "), pageWidth, "", ""))
		case item:
			out.WriteString(fold(strings.Join(b.lines, " "), pageWidth, "- ", "  "))
		case code:
			out.WriteString("```text\n" + strings.Join(b.lines, "\n") + "\n```\n")
		case table:
			b.list.markdown(&out)
		}
	}
	return out.String()
}

// markdown writes a table.
func (l List) markdown(out *strings.Builder) {
	cell := func(s string) string { return strings.ReplaceAll(s, "|", `\|`) }
	out.WriteString("| " + l.Name + " | " + l.Text + " |\n|---|---|\n")
	for _, e := range l.Entries {
		out.WriteString("| `" + cell(e.Name) + "` | " + cell(e.Text) + " |\n")
	}
}
