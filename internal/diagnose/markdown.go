package diagnose

import (
	"fmt"
	"slices"
	"strings"

	"detour/internal/flow"
)

// Markdown is a finding as a section of a ticket. Text of foreign origin has no
// markup in it.
func Markdown(f flow.Finding) string {
	var b strings.Builder
	over := ""
	if f.Resolved {
		over = ", resolved"
	}
	fmt.Fprintf(&b, "### %s\n\n`%s`, %s, confidence %s%s\n", Escape(f.Title), f.Code, f.Level, f.Confidence, over)
	for _, s := range sections(f) {
		fmt.Fprintf(&b, "\n**%s**\n\n", s.head)
		for _, l := range s.lines {
			fmt.Fprintf(&b, "- %s\n", Escape(l))
		}
	}
	return b.String()
}

// A section is a part of a finding.
type section struct {
	head  string
	lines []string
}

// sections are the parts that have lines, in the order in which they are read.
func sections(f flow.Finding) []section {
	return slices.DeleteFunc([]section{
		{"because", f.Because},
		{"screens", f.Screens},
		{"it could also be", f.Alternatives},
		{"CloudTrail", f.CloudTrail},
		{"try", f.Try},
	}, func(s section) bool { return len(s.lines) == 0 })
}

// Escape keeps text of foreign origin from being markup (CommonMark, 2.4), or more
// than a line.
func Escape(s string) string {
	return strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", "&lt;", ">", "&gt;", "#", `\#`, "|", `\|`).Replace(clean(s))
}
