package compare

import "fmt"

// Bounds of what is told to people; the JSON form has all of it.
const (
	maxTold      = 200 // hosts
	maxToldCalls = 50  // of a host
)

// A Section is a part of the difference as people read it.
type Section struct {
	Title string // "machine", "worse"
	Lines []Line
}

// A Line says one thing. Its text is fit for a terminal, but for its length.
type Line struct {
	Depth int    // beneath a line of less
	Host  string // that this line and those beneath it are about, as it was read; "": none
	Text  string
}

// Around is what differs around the hosts: the machines, and the findings.
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

// ByTrend is what differs of the hosts: of those that got worse, then better, and so on.
func (d *Difference) ByTrend() []Section {
	var out []Section
	var s *Section
	for _, h := range d.Hosts[:min(len(d.Hosts), maxTold)] {
		if title := groupOf(h); s == nil || title != s.Title {
			out = append(out, Section{Title: title})
			s = &out[len(out)-1]
		}
		s.Lines = append(s.Lines, hostLines(h)...)
	}
	if n := len(d.Hosts) - maxTold; n > 0 {
		s.Lines = append(s.Lines, Line{Text: fmt.Sprintf("and %d more hosts", n)})
	}
	return out
}

// groupOf is the title that a host stands under.
func groupOf(h Host) string {
	switch {
	case h.Trend != "":
		return string(h.Trend)
	case h.Status == Appeared:
		return "in B alone"
	case h.Status == Vanished:
		return "in A alone"
	}
	return "changed"
}

func hostLines(h Host) []Line {
	out := append([]Line{{Host: h.Name, Text: foreign(h.Name)}}, changeLines(1, h.Resolution)...)
	for _, c := range h.Calls[:min(len(h.Calls), maxToldCalls)] {
		out = append(out, Line{Depth: 1, Text: callText(c)})
	}
	if n := len(h.Calls) - maxToldCalls; n > 0 {
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
