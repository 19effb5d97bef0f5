package account

import (
	"cmp"
	"fmt"
	"strings"
	"unicode/utf8"

	"detour/internal/flow"
	"detour/internal/wording"
)

// Text is what was read of an account, for a terminal.
func Text(c *Config) string {
	var b strings.Builder
	part(&b, "", "  ", fmt.Sprintf("%s, %s, %s", wording.Count(c.Files, "file"), named("account", c.Accounts), named("Region", c.Regions)))
	if !c.Collected.IsZero() {
		fmt.Fprintf(&b, "collected %s\n", c.Collected.UTC().Format("2006-01-02 15:04 UTC"))
	}
	b.WriteString("\nread\n")
	var missing []Inventory
	for _, x := range c.Inventory() {
		switch {
		case len(x.Files) == 0:
			missing = append(missing, x)
		case len(x.Partial) > 0 || x.Failed != "":
			part(&b, fmt.Sprintf("  %5d  ", x.Objects), "         ", x.Command+"; a part is missing, which would decide "+x.Decides)
		default:
			fmt.Fprintf(&b, "  %5d  %s\n", x.Objects, x.Command)
		}
	}
	if len(missing) > 0 {
		b.WriteString("\nmissing, and what it would decide\n")
	}
	for _, x := range missing {
		why := ""
		if x.Failed != "" {
			why = " (" + x.Failed + ")"
		}
		part(&b, "  ", "    ", x.Command+": "+x.Decides+why)
	}
	if len(c.Problems) > 0 {
		b.WriteString("\nproblems\n")
	}
	for _, p := range c.Problems {
		part(&b, "  ", "    ", p)
	}
	return b.String()
}

// named is what kind of things there are: "account 123456789012".
func named(kind string, all []string) string {
	if len(all) > 1 {
		kind += "s"
	}
	return kind + " " + cmp.Or(wording.List(all), "unknown")
}

// columns is how wide a line of the text is, unless a word is longer.
const columns = 80

// part writes a sentence in lines that are indented, but the first one, which begins with first.
func part(b *strings.Builder, first, indent, text string) {
	line, begun := first, false
	for _, w := range strings.Fields(flow.Printable(text)) {
		switch {
		case !begun:
		case utf8.RuneCountInString(line+w) >= columns:
			b.WriteString(line + "\n")
			line = indent
		default:
			line += " "
		}
		line, begun = line+w, true
	}
	b.WriteString(line + "\n")
}
