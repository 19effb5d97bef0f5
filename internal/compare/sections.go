package compare

import "fmt"

// Limits of what people read; the JSON form has everything.
const (
	maxShownHosts = 200
	maxShownCalls = 50 // of a host
)

// A Section is a part of the difference for people to read.
type Section struct {
	Title string // "machine", "worse"
	Lines []Line
}

// A Line is one difference. Its text is fit for a terminal, except for its length.
type Line struct {
	Depth int    // under the last line with a smaller depth
	Host  string // that this line and those under it are about, not escaped; "" for none
	Text  string
}

// Around is what differs apart from the hosts: the machines and the findings.
func (d *Difference) Around() []Section {
	var out []Section
	for _, part := range []struct {
		title   string
		changes []Change
	}{{"machine", d.Machine}, {"findings", d.Findings}} {
		if len(part.changes) > 0 {
			out = append(out, Section{part.title, changeLines(0, part.changes)})
		}
	}
	return out
}

// ByTrend is how the hosts differ: those that got worse first, then those that got better.
func (d *Difference) ByTrend() []Section {
	var out []Section
	var s *Section
	for _, h := range d.Hosts[:min(len(d.Hosts), maxShownHosts)] {
		if title := groupOf(h); s == nil || title != s.Title {
			out = append(out, Section{Title: title})
			s = &out[len(out)-1]
		}
		s.Lines = append(s.Lines, hostLines(h)...)
	}
	if n := len(d.Hosts) - maxShownHosts; n > 0 {
		s.Lines = append(s.Lines, Line{Text: fmt.Sprintf("and %d more hosts", n)})
	}
	return out
}

// groupOf is the title of a host's section.
func groupOf(h Host) string {
	switch {
	case h.Trend != "":
		return string(h.Trend)
	case h.Status == Appeared:
		return "only in B"
	case h.Status == Vanished:
		return "only in A"
	}
	return "changed"
}

func hostLines(h Host) []Line {
	out := append([]Line{{Host: h.Name, Text: clean(h.Name)}}, changeLines(1, h.Resolution)...)
	for _, c := range h.Calls[:min(len(h.Calls), maxShownCalls)] {
		out = append(out, Line{Depth: 1, Text: callText(c)})
	}
	if n := len(h.Calls) - maxShownCalls; n > 0 {
		out = append(out, Line{Depth: 1, Text: fmt.Sprintf("and %d more calls", n)})
	}
	return out
}

func changeLines(depth int, all []Change) []Line {
	out := make([]Line, 0, len(all))
	for _, c := range all {
		out = append(out, Line{Depth: depth, Text: changeText(c)})
	}
	return out
}
