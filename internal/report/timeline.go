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

// timeline is the steps, the affected requests in each, and the person's notes.
func (s survey) timeline() part {
	p := part{ID: "timeline", Title: "Timeline"}
	var steps, events []event
	during := s.during()
	for i, st := range s.Steps[:min(len(s.Steps), maxEvents)] {
		steps = append(steps, event{st.At, "step", st.Text + during[i]})
	}
	n := 0
	for _, f := range s.Flows {
		var what string
		kind := "affected"
		switch {
		case s.isAffected[f.ID]:
			what = fmt.Sprintf("#%d %s at %s: %s", f.ID, callOf(f), f.Request.Host(), answerOf(f))
		case f.Marked || f.Note != "":
			kind, what = "marked", fmt.Sprintf("#%d %s at %s", f.ID, callOf(f), f.Request.Host())
		default:
			continue
		}
		if f.Note != "" {
			what += " (note: " + f.Note + ")"
		}
		if n++; n <= maxEvents {
			events = append(events, event{f.Times.Start, kind, what})
		}
	}
	all := append(steps, events...)
	if len(all) == 0 {
		p.Blocks = []block{{Note: "No steps, and no affected or marked requests."}}
		return p
	}
	slices.SortStableFunc(all, func(a, b event) int { return a.at.Compare(b.at) })
	t := &table{Columns: []string{"time", "", "what"}, More: more(n, maxEvents, "affected or marked request")}
	for _, e := range all {
		t.Rows = append(t.Rows, []string{s.clock(e.at), e.kind, e.what})
	}
	p.Blocks = []block{{Table: t}}
	if m := more(len(s.Steps), maxEvents, "step"); m != "" {
		p.Blocks = append(p.Blocks, block{Note: m + "."})
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
