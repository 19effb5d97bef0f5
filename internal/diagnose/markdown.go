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
	for _, s := range Sections(f) {
		fmt.Fprintf(&b, "\n**%s**\n\n", s.Head)
		for _, l := range s.Lines {
			fmt.Fprintf(&b, "- %s\n", Escape(l))
		}
	}
	return b.String()
}

// A Section is a part of a finding: "because", and the lines of it.
type Section struct {
	Head  string
	Lines []string // not escaped
}

// Sections are the parts that have lines, in the order in which they are read. The
// slices are shared.
func Sections(f flow.Finding) []Section {
	return slices.DeleteFunc([]Section{
		{"because", f.Because},
		{"screens", f.Screens},
		{"it could also be", f.Alternatives},
		{"CloudTrail", f.CloudTrail},
		{"try", f.Try},
	}, func(s Section) bool { return len(s.Lines) == 0 })
}

// Escape is flow.Escape of text without the spaces around it.
func Escape(s string) string { return flow.Escape(strings.TrimSpace(s)) }
