package helptext

import (
	"fmt"
	"strings"
)

// GuideMarkdown is the guide of the table's keys as Markdown: heads that end with a colon, and below them
// entries, a name and a text, which may stand in the next line.
func GuideMarkdown(guide string) string {
	var b strings.Builder
	entries := false
	lines := strings.Split(guide, "\n")
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		if !strings.HasPrefix(line, "  ") {
			if head, ok := strings.CutSuffix(line, ":"); ok {
				line = "## " + head
			}
			b.WriteString(line + "\n")
			entries = false
			continue
		}
		if !entries {
			b.WriteString("| name | what it is |\n|---|---|\n")
			entries = true
		}
		name, text := guideEntry(line)
		if i+1 < len(lines) && strings.HasPrefix(lines[i+1], "   ") {
			i++
			name, text = strings.TrimSpace(line), strings.TrimSpace(lines[i])
		}
		fmt.Fprintf(&b, "| `%s` | %s |\n", strings.ReplaceAll(name, "|", `\|`), strings.ReplaceAll(text, "|", `\|`))
	}
	return b.String()
}

// guideEntry splits a line of the guide at its second column.
func guideEntry(line string) (name, text string) {
	const column = 2 + 12 // the guide pads names to 12 characters
	if r := []rune(line); len(r) > column+1 && r[column] == ' ' {
		return strings.TrimSpace(string(r[:column])), strings.TrimSpace(string(r[column:]))
	}
	return strings.TrimSpace(line), ""
}
