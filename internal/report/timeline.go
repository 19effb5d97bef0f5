package report

import (
	"fmt"
	"slices"
	"sort"
	"time"

	"detour/internal/wording"
)

// An event is a row of the timeline.
type event struct {
	at         time.Time
	kind, what string
}

// timeline is the person's steps, with how many requests of each are affected, and the marked
// requests. It has no blocks if there is neither.
func (s survey) timeline() Chapter {
	p := Chapter{ID: "timeline", Title: "Steps and marks"}
	var steps, events []event
	during := s.during()
	for i, st := range s.Steps[:min(len(s.Steps), maxEvents)] {
		steps = append(steps, event{st.At, "step", st.Text + during[i]})
	}
	n := 0
	for _, f := range s.Flows {
		if !f.Marked && f.Note == "" {
			continue
		}
		what := fmt.Sprintf("#%d %s at %s", f.ID, callOf(f), f.Request.Host())
		if s.isAffected[f.ID] {
			what += ": " + answerOf(f)
		}
		if f.Note != "" {
			what += " (note: " + f.Note + ")"
		}
		if n++; n <= maxEvents {
			events = append(events, event{f.Times.Start, "marked", what})
		}
	}
	all := append(steps, events...)
	if len(all) == 0 {
		return p
	}
	slices.SortStableFunc(all, func(a, b event) int { return a.at.Compare(b.at) })
	var b Block
	for _, e := range all {
		b.Lines = append(b.Lines, fmt.Sprintf("%s %s: %s", s.clock(e.at), e.kind, wording.Clip(e.what, MaxCell)))
	}
	p.Blocks = []Block{b}
	for _, m := range []string{more(n, maxEvents, "marked request"), more(len(s.Steps), maxEvents, "step")} {
		if m != "" {
			p.Blocks = append(p.Blocks, Block{Note: "And " + m + "."})
		}
	}
	return p
}

// during counts the flows of each step: those that started after it and before the next.
func (s survey) during() []string {
	type tally struct{ n, affected int }
	of := make([]tally, len(s.Steps))
	for _, f := range s.Flows {
		i := sort.Search(len(s.Steps), func(i int) bool { return s.Steps[i].At.After(f.Times.Start) }) - 1
		if i < 0 {
			continue
		}
		of[i].n++
		if s.isAffected[f.ID] {
			of[i].affected++
		}
	}
	out := make([]string, len(of))
	for i, t := range of {
		out[i] = fmt.Sprintf(" (%s, %d affected)", wording.Count(t.n, "request"), t.affected)
	}
	return out
}
