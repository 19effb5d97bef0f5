package compare

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"detour/internal/flow"
)

// maxLine bounds the runes of a foreign text.
const maxLine = 600

// Text writes the difference for a terminal of so many columns; 0 is no bound.
// Nothing in it can move the cursor. The error is w's.
func Text(w io.Writer, d Difference, width int) error {
	p := printer{width: width}
	for i, s := range []Side{d.A, d.B} {
		p.line(0, "%c  %s", 'A'+rune(i), s)
	}
	for _, n := range d.Notes {
		p.line(3, "%s", n)
	}
	for _, s := range slices.Concat(d.Around(), d.ByTrend()) {
		fmt.Fprintf(&p.b, "\n%s\n", s.Title)
		for _, l := range s.Lines {
			p.line(2+2*l.Depth, "%s", l.Text)
		}
	}
	p.b.WriteByte('\n')
	p.line(0, "%s", d.Verdict())
	_, err := io.WriteString(w, p.b.String())
	return err
}

// String is a side in a line.
func (s Side) String() string {
	said := fmt.Sprintf("%s: %s", foreign(orElse(s.File, "a run")), plural(s.Requests, "request"))
	if s.Creator != "" {
		said += ", written by " + foreign(s.Creator)
	}
	return said
}

// Verdict is the difference in a sentence.
func (d *Difference) Verdict() string {
	worse, better := 0, 0
	for _, h := range d.Hosts {
		switch h.Trend {
		case Worse:
			worse++
		case Better:
			better++
		}
	}
	var said string
	switch {
	case worse > 0:
		said = fmt.Sprintf("%s worse", hosts(worse))
		if better > 0 {
			said += fmt.Sprintf(", %s better", hosts(better))
		}
	case d.Worse():
		said = "there is a problem that wasn't there"
	case better > 0:
		said = fmt.Sprintf("%s better, none worse", hosts(better))
	case d.Empty():
		said = "no difference"
	default:
		said = "nothing got better or worse"
	}
	said += fmt.Sprintf("; %s alike", plural(d.Same, "call"))
	if n := d.OutsideA + d.OutsideB; n > 0 {
		said += fmt.Sprintf("; %s outside AWS in one of them alone", plural(n, "host"))
	}
	return said
}

func hosts(n int) string {
	if n == 1 {
		return "1 host is"
	}
	return fmt.Sprintf("%d hosts are", n)
}

func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// foreign makes text of foreign origin fit for a line.
func foreign(s string) string {
	if utf8.RuneCountInString(s) > maxLine {
		s = string([]rune(s)[:maxLine]) + "…"
	}
	return flow.Printable(s)
}

// A printer writes lines that fit.
type printer struct {
	b     strings.Builder
	width int
}

// changeText is a change in a line: "interface tun0: + tunnel, 10.8.0.2/24".
func changeText(c Change) string {
	switch {
	case c.A == "":
		return fmt.Sprintf("%s: + %s", foreign(c.What), foreign(c.B))
	case c.B == "":
		return fmt.Sprintf("%s: − %s", foreign(c.What), foreign(c.A))
	}
	return fmt.Sprintf("%s: %s → %s", foreign(c.What), foreign(c.A), foreign(c.B))
}

// callText is what became of a call in a line.
func callText(c Call) string {
	said := foreign(orElse(c.Operation, "requests")) + ": "
	switch {
	case c.A == nil:
		return said + "+ " + foreign(c.B.String())
	case c.B == nil:
		return said + "− " + foreign(c.A.String())
	}
	said += foreign(c.A.String()) + " → " + foreign(c.B.String())
	for _, x := range c.Changes {
		if x.median {
			said += ", median " + x.A + " → " + x.B
		}
	}
	return said
}

// line writes one, folded at spaces with a deeper indent where it is too long.
func (p *printer) line(indent int, format string, args ...any) {
	rest := fmt.Sprintf(format, args...)
	lead := strings.Repeat(" ", indent)
	for room := p.width - indent; p.width > 0 && room > 20 && utf8.RuneCountInString(rest) > room; room = p.width - len(lead) {
		cut := fold(rest, room)
		p.b.WriteString(lead + strings.TrimRight(rest[:cut], " ") + "\n")
		rest, lead = strings.TrimLeft(rest[cut:], " "), strings.Repeat(" ", indent+4)
	}
	p.b.WriteString(lead + rest + "\n")
}

// fold is where to cut s, which is longer than n runes: after its last space within
// them, or after n.
func fold(s string, n int) int {
	space, at := 0, 0
	for i, r := range s {
		if at > n {
			break
		}
		if r == ' ' && i > 0 {
			space = i
		}
		if at == n {
			if space == 0 {
				return i
			}
			return space
		}
		at++
	}
	return max(space, 1)
}
