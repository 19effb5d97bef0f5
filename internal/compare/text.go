package compare

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"detour/internal/flow"
	"detour/internal/wording"
)

// maxLine is how many runes of a foreign text are shown.
const maxLine = 600

// Text writes the difference for a terminal that is width columns wide; 0 is unlimited.
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

// String is the side on one line.
func (s Side) String() string {
	line := fmt.Sprintf("%s: %s", clean(orElse(s.File, "a run")), wording.Count(s.Requests, "request"))
	if s.Simulated {
		line += " of a demo, simulated"
	}
	if s.Creator != "" {
		line += ", written by " + clean(s.Creator)
	}
	return line
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
	var s string
	switch {
	case worse > 0:
		s = wording.Count(worse, "host") + " got worse"
		if better > 0 {
			s += fmt.Sprintf(", %d got better", better)
		}
	case d.Worse():
		s = "a new problem"
	case better > 0:
		s = wording.Count(better, "host") + " got better, none got worse"
	case d.Empty():
		s = "no difference"
		if d.A.NotCompared+d.B.NotCompared > 0 {
			s += " in what is compared"
		}
	default:
		s = "nothing got better or worse"
	}
	s += fmt.Sprintf("; %s unchanged", wording.Count(d.Same, "call"))
	if n := d.OutsideA + d.OutsideB; n > 0 {
		s += fmt.Sprintf("; %s outside AWS in one capture only", wording.Count(n, "host"))
	}
	return s
}

// clean makes foreign text fit for a line.
func clean(s string) string { return flow.Printable(wording.Clip(s, maxLine)) }

// A printer writes lines that fit the terminal.
type printer struct {
	b     strings.Builder
	width int
}

// changeText is a change on one line: "interface tun0: + tunnel, 10.8.0.2/24".
func changeText(c Change) string {
	switch {
	case c.A == "":
		return fmt.Sprintf("%s: + %s", clean(c.What), clean(c.B))
	case c.B == "":
		return fmt.Sprintf("%s: − %s", clean(c.What), clean(c.A))
	}
	return fmt.Sprintf("%s: %s → %s", clean(c.What), clean(c.A), clean(c.B))
}

// callText is how a call changed, on one line.
func callText(c Call) string {
	s := clean(orElse(c.Operation, "requests")) + ": "
	switch {
	case c.A == nil:
		return s + "+ " + clean(c.B.String())
	case c.B == nil:
		return s + "− " + clean(c.A.String())
	}
	s += clean(c.A.String()) + " → " + clean(c.B.String())
	for _, x := range c.Changes {
		if x.median {
			s += ", median " + x.A + " → " + x.B
		}
	}
	return s
}

// line writes a line. One that is too long is folded at spaces, and indented further.
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
