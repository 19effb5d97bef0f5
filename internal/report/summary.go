package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"detour/internal/finding"
	"detour/internal/flow"
	"detour/internal/wording"
)

// A Point is a line of a report's top: who reads nothing else knows what to do.
type Point struct{ Label, Text string }

// main is the finding that the top is about: the first problem, or else the first resolved
// one; nil if there is neither.
func (s survey) main() *flow.Finding {
	var resolved *flow.Finding
	for i := range s.Findings {
		f := &s.Findings[i]
		switch {
		case f.Resolved && resolved == nil:
			resolved = f
		case !f.Resolved && f.Level == flow.LevelProblem:
			return f
		}
	}
	return resolved
}

// summary is what fails, for whom, and who does what.
func (s survey) summary() []Point {
	f := s.main()
	switch {
	case f == nil:
		return s.nothing()
	case f.Resolved:
		return []Point{
			{"What failed", wording.Clip(f.Title, MaxLine) + s.others(f)},
			{"For whom", s.whom(f)},
			{"Who does what", "nobody has to act: " + s.since(f)},
		}
	}
	what := "What fails"
	if f.Provisional {
		what = "What fails so far"
	}
	return []Point{
		{what, wording.Clip(f.Title, MaxLine) + s.others(f)},
		{"For whom", s.whom(f)},
		{"Who does what", asked(bounded(*f))},
	}
}

// nothing is the summary of a capture without a problem.
func (s survey) nothing() []Point {
	what := finding.NoneOf(s.Capture, s.n, s.waiting)
	if n := len(s.Findings); n > 0 {
		what = "no problem was found; see the " + wording.Plural(n, "notice") + " below"
	}
	who := "nobody: no problem was found"
	if s.Missing() {
		who = "nobody, for what could be read of the capture"
	}
	return []Point{{"What fails", what}, {"For whom", s.sender.text()}, {"Who does what", who}}
}

// others counts the problems beside f that aren't resolved.
func (s survey) others(f *flow.Finding) string {
	n := 0
	for i := range s.Findings {
		if x := &s.Findings[i]; x != f && x.Level == flow.LevelProblem && !x.Resolved {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" (and %s, below)", wording.Count(n, "more problem"))
}

// whom is the machine, when its calls failed, and which screens show it.
func (s survey) whom(f *flow.Finding) string {
	flows := s.of(f)
	text := machineOf(flows)
	if len(flows) > 0 {
		text += fmt.Sprintf(": %s to %s, %s", wording.Count(len(flows), "request"), wording.Some(f.Hosts, 3), s.span(flows))
	}
	var screens []string
	for _, l := range f.Screens {
		if screen, _, _ := strings.Cut(l, ": "); !slices.Contains(screens, screen) {
			screens = append(screens, screen)
		}
	}
	if len(screens) > 0 {
		text += "; affected: " + wording.Some(screens, 4)
	}
	return wording.Clip(text, MaxLine)
}

// A machine is the one that sent flows, by the addresses that it sent them from.
type machine struct {
	from  []string
	flows int
	hars  int // flows of a HAR
}

func machineOf(flows []*flow.Flow) string {
	var m machine
	for _, f := range flows {
		m.add(f)
	}
	return m.text()
}

func (m *machine) add(f *flow.Flow) {
	if m.flows++; f.Source == flow.SourceHAR {
		m.hars++
	}
	if f.Conn == nil {
		return
	}
	for _, a := range f.Conn.Attempts {
		if !a.Local.IsValid() {
			continue
		}
		ip := a.Local.Addr().String()
		if a.Interface != "" {
			ip += " (" + a.Interface + ")"
		}
		if !slices.Contains(m.from, ip) && len(m.from) <= maxList {
			m.from = append(m.from, ip)
		}
	}
}

func (m *machine) text() string {
	switch {
	case m.flows > 0 && m.hars == m.flows:
		return "the machine that the HAR was saved on"
	case len(m.from) == 0:
		return "the machine that detour ran on"
	}
	return "the machine at " + wording.Some(m.from, 3)
}

// span is from when to when flows went on.
func (s survey) span(flows []*flow.Flow) string {
	var first, last time.Time
	for _, f := range flows {
		if t := f.Times.Start; !t.IsZero() && (first.IsZero() || t.Before(first)) {
			first = t
		}
		last = latest(last, f.Times.Start, s.end(f))
	}
	if first.IsZero() {
		return "at an unknown time"
	}
	const day, clock = "2006-01-02 15:04:05", "15:04:05 UTC"
	from, to := first.UTC(), last.UTC()
	if from.Format(time.DateOnly) != to.Format(time.DateOnly) {
		return "from " + from.Format(day) + " to " + to.Format(day+" UTC")
	}
	return "from " + from.Format(day) + " to " + to.Format(clock)
}

// asked is who has to act on a finding, and on what.
func asked(f flow.Finding) string {
	if len(f.Asks) == 0 {
		return string(flow.EndpointUser) + ": take the next steps below"
	}
	out := make([]string, 0, len(f.Asks))
	for _, a := range f.Asks {
		out = append(out, strings.TrimPrefix(string(a.Of)+": ", ": ")+a.What)
	}
	return strings.Join(out, " ")
}
