package account

import (
	"cmp"
	"fmt"
	"strings"

	"detour/internal/flow"
	"detour/internal/wording"
)

// Text is what was read of an account, for a terminal.
func Text(c *Config) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, account %s, Region %s\n", wording.Count(c.Files, "file"),
		cmp.Or(wording.List(c.Accounts), "unknown"), cmp.Or(wording.List(c.Regions), "unknown"))
	if !c.Collected.IsZero() {
		fmt.Fprintf(&b, "collected %s\n", c.Collected.UTC().Format("2006-01-02 15:04 UTC"))
	}
	b.WriteString("\nread\n")
	var missing []Inventory
	for _, x := range c.Inventory() {
		switch {
		case len(x.Files) == 0:
			missing = append(missing, x)
		case len(x.Partial) > 0:
			fmt.Fprintf(&b, "  %5d  %s (a part is missing)\n", x.Objects, x.Command)
		default:
			fmt.Fprintf(&b, "  %5d  %s\n", x.Objects, x.Command)
		}
	}
	if len(missing) > 0 {
		b.WriteString("\nmissing, and what it would decide\n")
	}
	for _, x := range missing {
		fmt.Fprintf(&b, "  %s: %s", x.Command, x.Decides)
		if x.Failed != "" {
			fmt.Fprintf(&b, " (%s)", flow.Printable(x.Failed))
		}
		b.WriteByte('\n')
	}
	if len(c.Problems) > 0 {
		b.WriteString("\nproblems\n")
	}
	for _, p := range c.Problems {
		b.WriteString("  " + flow.Printable(p) + "\n")
	}
	return b.String()
}
