package report

import (
	"slices"
	"sort"
	"strings"
	"time"

	"detour/internal/finding"
	"detour/internal/flow"
)

// A survey is a capture with what all parts need to know of its flows. It has the affected ones and a
// few around them, so a report of many takes little memory.
type survey struct {
	*flow.Capture
	n          int                 // flows
	by         map[flow.Origin]int // flows
	began      time.Time           // the start of the first flow
	first      time.Time           // the first start; zero: none is known
	last       time.Time           // the last instant in the capture
	days       bool                // the capture spans midnight
	waiting    int                 // flows whose end isn't known
	affected   []*flow.Flow
	isAffected map[flow.ID]bool
	listed     []*flow.Flow // by problems, and by those that are resolved
	sender     machine      // of all flows, if there is no problem
	works      works
	steps      []tally // by step
	marked     []event // the first ones
	marks      int
	near       near
	recovered  map[*flow.Finding]*recovery // by resolved finding
}

// newSurvey reads the flows, and reads them again if something is resolved. The error is theirs.
func newSurvey(c *flow.Capture, flows flow.Flows) (survey, error) {
	s := survey{Capture: c, by: make(map[flow.Origin]int), isAffected: make(map[flow.ID]bool), steps: make([]tally, len(c.Steps))}
	claimed, listed := make(map[flow.ID]bool), make(map[flow.ID]bool)
	for i := range c.Findings {
		f := &c.Findings[i]
		for _, id := range f.Flows {
			if f.Level == flow.LevelProblem {
				claimed[id] = true
			}
			if f.Level == flow.LevelProblem || f.Resolved {
				listed[id] = true
			}
		}
	}
	everywhere := s.main() == nil
	for f, err := range flows {
		if err != nil {
			return s, err
		}
		if listed[f.ID] {
			s.listed = append(s.listed, f)
		}
		if everywhere {
			s.sender.add(f)
		}
		s.note(f, claimed[f.ID] || len(f.Findings) > 0 || failedCall(f))
	}
	s.days = s.first.UTC().Format(time.DateOnly) != s.last.UTC().Format(time.DateOnly)
	return s, s.recover(flows)
}

// note adds a flow.
func (s *survey) note(f *flow.Flow, affected bool) {
	if affected {
		s.affected, s.isAffected[f.ID] = append(s.affected, f), true
	}
	if s.n == 0 {
		s.began = f.Times.Start
	}
	s.by[f.Origin]++
	if t := f.Times.Start; !t.IsZero() && (s.first.IsZero() || t.Before(s.first)) {
		s.first = t
	}
	s.last = latest(s.last, f.Times.Start, f.Times.Done)
	if !f.Final() && f.Conn != nil {
		for _, a := range f.Conn.Attempts {
			s.last = latest(s.last, a.Start.Add(a.Took))
		}
	}
	if finding.Waits(f) {
		s.waiting++
	}
	s.works.add(f, affected)
	s.noteStep(f, affected)
	if f.Marked || f.Note != "" {
		if s.marks++; s.marks <= maxEvents {
			s.marked = append(s.marked, markOf(f, affected))
		}
	}
	s.near.add(f, affected)
	s.n++
}

// noteStep counts a flow in the step that it started in: after it, and before the next one.
func (s *survey) noteStep(f *flow.Flow, affected bool) {
	i := sort.Search(len(s.Steps), func(i int) bool { return s.Steps[i].At.After(f.Times.Start) }) - 1
	if i < 0 {
		return
	}
	s.steps[i].n++
	if affected {
		s.steps[i].affected++
	}
}

// A tally counts requests.
type tally struct{ n, affected int }

// failedCall reports whether an AWS call has no response, and the client didn't cancel
// it.
func failedCall(f *flow.Flow) bool {
	return f.Failure != nil && f.Failure.Stage != flow.StageClient && f.Origin != flow.OriginOther && f.Origin != ""
}

func latest(ts ...time.Time) time.Time {
	return slices.MaxFunc(ts, time.Time.Compare)
}

// of are the flows that a problem is about, or one that is resolved.
func (s survey) of(f *flow.Finding) (out []*flow.Flow) {
	for _, x := range s.listed {
		if _, about := slices.BinarySearch(f.Flows, x.ID); about {
			out = append(out, x)
		}
	}
	return out
}

// A recovery is what succeeded at the hosts of a finding after those that failed.
type recovery struct {
	over  map[string]time.Time // when a host's failures were over
	n     int
	first *flow.Flow // that succeeded. It may have begun before
}

// recover reads the flows again for what succeeded after the resolved findings. The error is theirs.
func (s *survey) recover(flows flow.Flows) error {
	s.recovered = make(map[*flow.Finding]*recovery)
	for i := range s.Findings {
		if f := &s.Findings[i]; f.Resolved {
			s.recovered[f] = &recovery{over: s.over(f)}
		}
	}
	if len(s.recovered) == 0 {
		return nil
	}
	for x, err := range flows {
		if err != nil {
			return err
		}
		if x.Response == nil || x.Response.Status >= 400 {
			continue
		}
		host := strings.ToLower(x.Request.Host())
		for f, r := range s.recovered {
			at, known := r.over[host]
			if _, failed := slices.BinarySearch(f.Flows, x.ID); !known || failed || ended(x).Before(at) {
				continue
			}
			if r.n++; r.first == nil || ended(x).Before(ended(r.first)) {
				r.first = x
			}
		}
	}
	return nil
}

// over is when the failures of a finding were over, by host.
func (s *survey) over(f *flow.Finding) map[string]time.Time {
	over := make(map[string]time.Time)
	for _, x := range s.of(f) {
		h := strings.ToLower(x.Request.Host())
		if at := ended(x); at.After(over[h]) {
			over[h] = at
		}
	}
	for h, at := range over {
		if r := f.ResolvedAt; !r.IsZero() && r.Before(at) { // others still waited for their timeouts
			over[h] = r
		}
	}
	return over
}
