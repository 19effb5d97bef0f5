package report

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"detour/internal/flow"
)

// What the picture shows.
const (
	neighbour = 2 // rows that are drawn before an affected call, and after it
	pause     = time.Minute
)

// A Panel is a stretch of time without a long pause.
type Panel struct {
	From  string    // Start, as the other times are written
	Start time.Time // of the first bar
	End   time.Time // of the last bar to end
	Bars  []Bar
}

// A Bar is one request.
type Bar struct {
	Flow     *flow.Flow
	Label    string
	Result   string
	Affected bool
}

// picture has the first affected calls and the requests around them, and counts the
// affected calls that it leaves out.
func (s survey) picture() (panels []Panel, undrawn int) {
	rows, drawn := s.rows()
	undrawn = len(s.affected) - drawn
	for len(rows) > 0 {
		n, end := 1, s.end(rows[0])
		for n < len(rows) && rows[n].Times.Start.Before(end.Add(pause)) {
			end = latest(end, s.end(rows[n]))
			n++
		}
		panels = append(panels, s.panel(rows[:n], end))
		rows = rows[n:]
	}
	return panels, undrawn
}

// rows are the flows to draw, by their start, and how many of them are affected.
func (s survey) rows() (rows []*flow.Flow, drawn int) {
	take := make(map[int]bool)
	var at []int
	for i, f := range s.Flows {
		if s.isAffected[f.ID] && !f.Times.Start.IsZero() && len(at) < maxBars*2/3 {
			at, take[i] = append(at, i), true
		}
	}
	for _, i := range at {
		for j := max(0, i-neighbour); j <= min(len(s.Flows)-1, i+neighbour) && len(take) < maxBars; j++ {
			if f := s.Flows[j]; !s.isAffected[f.ID] && !f.Times.Start.IsZero() {
				take[j] = true
			}
		}
	}
	for i := range take {
		rows = append(rows, s.Flows[i])
	}
	slices.SortFunc(rows, func(a, b *flow.Flow) int {
		return cmp.Or(a.Times.Start.Compare(b.Times.Start), cmp.Compare(a.ID, b.ID))
	})
	return rows, len(at)
}

func (s survey) end(f *flow.Flow) time.Time { return f.Times.Start.Add(max(0, s.took(f))) }

func (s survey) panel(rows []*flow.Flow, end time.Time) Panel {
	from := rows[0].Times.Start
	p := Panel{From: s.clock(from), Start: from, End: end}
	for _, f := range rows {
		p.Bars = append(p.Bars, Bar{f, fmt.Sprintf("#%d %s", f.ID, callOf(f)), answerOf(f), s.isAffected[f.ID]})
	}
	return p
}
