package compare

import (
	"fmt"
	"io"
	"strings"

	"detour/internal/flow"
	"detour/internal/wording"
)

// Markdown writes the difference for a ticket (GFM, for its tables). Foreign text has no
// markup in it. The error is w's.
func Markdown(w io.Writer, d Difference) error {
	var b strings.Builder
	b.WriteString("## What differs\n\n")
	for i, s := range []Side{d.A, d.B} {
		fmt.Fprintf(&b, "- %c: %s\n", 'A'+rune(i), flow.Escape(s.String()))
	}
	for _, n := range d.Notes {
		fmt.Fprintf(&b, "- %s\n", flow.Escape(n))
	}
	fmt.Fprintf(&b, "\n**%s**\n", flow.Escape(d.Verdict()))
	if len(d.Machine) > 0 {
		b.WriteString("\n### Machine\n")
		rows(&b, "what", d.Machine)
	}
	if len(d.Findings) > 0 {
		b.WriteString("\n### Findings\n")
		rows(&b, "finding", d.Findings)
	}
	if len(d.Hosts) > 0 {
		b.WriteString("\n### Hosts and calls\n\n| | host | what | A | B |\n| --- | --- | --- | --- | --- |\n")
	}
	for _, h := range d.Hosts[:min(len(d.Hosts), maxShownHosts)] {
		for _, c := range h.Resolution {
			row(&b, string(c.Trend), h.Name, c.What, c.A, c.B)
		}
		for _, c := range h.Calls[:min(len(h.Calls), maxShownCalls)] {
			row(&b, orElse(string(c.Trend), string(c.Status)), h.Name, orElse(c.Operation, "requests"), tallyText(c.A), tallyText(c.B))
		}
		if n := len(h.Calls) - maxShownCalls; n > 0 {
			row(&b, "", h.Name, fmt.Sprintf("and %d more calls", n), "", "")
		}
	}
	if n := len(d.Hosts) - maxShownHosts; n > 0 {
		fmt.Fprintf(&b, "\nAnd %d more hosts.\n", n)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func rows(b *strings.Builder, what string, all []Change) {
	fmt.Fprintf(b, "\n| %s | A | B |\n| --- | --- | --- |\n", what)
	for _, c := range all {
		row(b, c.What, c.A, c.B)
	}
}

func row(b *strings.Builder, cells ...string) {
	b.WriteByte('|')
	for _, c := range cells {
		b.WriteString(" " + orElse(flow.Escape(clean(c)), wording.None) + " |")
	}
	b.WriteByte('\n')
}

// tallyText is a tally with its time.
func tallyText(t *Tally) string {
	s := t.String()
	if t != nil && t.median > 0 {
		s += ", median " + wording.Duration(t.median)
	}
	return s
}
