package report

import (
	"fmt"
	"slices"
	"time"

	"detour/internal/flow"
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
	var steps []event
	for i, st := range s.Steps[:min(len(s.Steps), maxEvents)] {
		t := s.steps[i]
		steps = append(steps, event{st.At, "step", fmt.Sprintf("%s (%s, %d affected)", st.Text, wording.Count(t.n, "request"), t.affected)})
	}
	all := append(steps, s.marked...)
	if len(all) == 0 {
		return p
	}
	slices.SortStableFunc(all, func(a, b event) int { return a.at.Compare(b.at) })
	var b Block
	for _, e := range all {
		b.Lines = append(b.Lines, fmt.Sprintf("%s %s: %s", s.clock(e.at), e.kind, wording.Clip(e.what, MaxCell)))
	}
	p.Blocks = []Block{b}
	for _, m := range []string{more(s.marks, maxEvents, "marked request"), more(len(s.Steps), maxEvents, "step")} {
		if m != "" {
			p.Blocks = append(p.Blocks, Block{Note: "And " + m + "."})
		}
	}
	return p
}

// markOf is the event of a flow that is marked or has a note.
func markOf(f *flow.Flow, affected bool) event {
	what := fmt.Sprintf("#%d %s at %s", f.ID, callOf(f), f.Request.Host())
	if affected {
		what += ": " + answerOf(f)
	}
	if f.Note != "" {
		what += " (note: " + f.Note + ")"
	}
	return event{f.Times.Start, "marked", what}
}
