package report

import (
	"fmt"
	"strings"

	"detour/internal/finding"
	"detour/internal/flow"
	"detour/internal/wording"
)

// rawSecrets is on every report of a capture that contains secrets.
const rawSecrets = "This capture contains raw secrets. " +
	"Anyone who reads it may be able to act as the person who recorded it: don't pass it on."

func markdown(d document) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n", md(d.Title))
	if d.Raw {
		fmt.Fprintf(&b, "\n> **%s**\n", rawSecrets)
	}
	for _, l := range d.Lead {
		fmt.Fprintf(&b, "\n%s\n", md(l))
	}
	b.WriteString("\n## Findings\n")
	for _, f := range d.Findings {
		b.WriteString("\n" + finding.Markdown(f))
	}
	switch {
	case len(d.Findings) == 0:
		b.WriteString("\n" + d.None + "\n")
	case d.More > 0:
		fmt.Fprintf(&b, "\nAnd %s.\n", wording.Count(d.More, "more finding"))
	}
	for _, p := range d.Parts {
		fmt.Fprintf(&b, "\n## %s\n", p.Title)
		for _, k := range p.Blocks {
			writeBlock(&b, k)
		}
	}
	return b.String()
}

func writeBlock(b *strings.Builder, k block) {
	if k.Title != "" {
		fmt.Fprintf(b, "\n### %s\n", md(k.Title))
	}
	if k.Note != "" {
		fmt.Fprintf(b, "\n%s\n", md(k.Note))
	}
	for i, l := range k.Lines {
		if i == 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(b, "- %s\n", md(l))
	}
	b.WriteString(finding.MarkdownLines(k.Steps))
	if t := k.Table; t != nil {
		b.WriteByte('\n')
		writeRow(b, t.Columns)
		b.WriteString("|" + strings.Repeat(" --- |", len(t.Columns)) + "\n")
		for _, r := range t.Rows {
			writeRow(b, r)
		}
		if t.More != "" {
			fmt.Fprintf(b, "\nAnd %s.\n", md(t.More))
		}
	}
}

func writeRow(b *strings.Builder, cells []string) {
	b.WriteByte('|')
	for _, c := range cells {
		b.WriteString(" " + flow.Escape(wording.Clip(c, maxCell)) + " |")
	}
	b.WriteByte('\n')
}

// md escapes a line of text for Markdown.
func md(s string) string { return flow.Escape(wording.Clip(s, maxLine)) }
