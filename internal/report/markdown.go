package report

import (
	"strings"
	"unicode/utf8"

	"detour/internal/flow"
	"detour/internal/wording"
)

// rawSecrets is on every report of a capture that contains secrets.
const rawSecrets = "This capture contains raw secrets. " +
	"Anyone who reads it may be able to act as the person who recorded it: don't pass it on."

// Limits of a ticket in Markdown. GitHub shows about so many characters of a row without
// scrolling, and takes 65,536 characters.
const (
	maxRow      = 100
	maxMarkdown = 65_000
)

// inMarkdown is GFM, for its tables.
func inMarkdown() style {
	return style{
		heading: func(level int, text string) string { return strings.Repeat("#", level) + " " + flow.Escape(text) },
		label: func(label, text string) string {
			if text == "" {
				return "**" + label + "**"
			}
			return "**" + label + ":** " + flow.Escape(text)
		},
		paragraph: flow.Escape,
		item:      func(text string) string { return "- " + flow.Escape(text) },
		command: func(command string) (string, bool) {
			return "```sh\n" + command + "\n```", !strings.HasPrefix(command, "```")
		},
		table: func(t *Table) string {
			rows := append([][]string{t.Columns, nil}, t.Rows...)
			for range t.Columns {
				rows[1] = append(rows[1], "---")
			}
			return barred(rows, "|", "|", func(cell string) string {
				if cell == "---" {
					return cell
				}
				return flow.Escape(cell)
			})
		},
		limit: maxMarkdown,
	}
}

// barred is a table of which each cell has a bar on both sides; head is the first row's bar.
// "" if a row is too long to be read.
func barred(rows [][]string, head, bar string, escape func(string) string) string {
	var b strings.Builder
	for i, r := range rows {
		edge := bar
		if i == 0 {
			edge = head
		}
		line := edge
		for _, c := range r {
			line += " " + escape(wording.Clip(c, MaxCell)) + " " + edge
		}
		if utf8.RuneCountInString(line) > maxRow {
			return ""
		}
		b.WriteString(line + "\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}
