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

// near has the first affected flows, and those before and after each.
type near struct {
	next     int // the index of the next flow
	affected []int
	flows    map[int]nearby // by index
	recent   []*flow.Flow   // the last ones, of which none is known to be near
}

type nearby struct {
	*flow.Flow
	affected bool
}

func (n *near) add(f *flow.Flow, affected bool) {
	i := n.next
	n.next++
	last := len(n.affected) - 1
	switch {
	case affected && !f.Times.Start.IsZero() && len(n.affected) < maxBars*2/3:
		if n.flows == nil {
			n.flows = make(map[int]nearby)
		}
		for j, x := range n.recent {
			n.flows[i-len(n.recent)+j] = nearby{x, false}
		}
		n.affected, n.flows[i], n.recent = append(n.affected, i), nearby{f, affected}, nil
		return
	case last >= 0 && i-n.affected[last] <= neighbour:
		n.flows[i] = nearby{f, affected}
		return
	}
	if n.recent = append(n.recent, f); len(n.recent) > neighbour {
		n.recent = n.recent[1:]
	}
}

// rows are the flows to draw, by their start, and how many of them are affected.
func (s survey) rows() (rows []*flow.Flow, drawn int) {
	take := make(map[int]bool)
	for _, i := range s.near.affected {
		take[i] = true
	}
	for _, i := range s.near.affected {
		for j := i - neighbour; j <= i+neighbour && len(take) < maxBars; j++ {
			if f := s.near.flows[j]; f.Flow != nil && !f.affected && !f.Times.Start.IsZero() {
				take[j] = true
			}
		}
	}
	for i := range take {
		rows = append(rows, s.near.flows[i].Flow)
	}
	slices.SortFunc(rows, func(a, b *flow.Flow) int {
		return cmp.Or(a.Times.Start.Compare(b.Times.Start), cmp.Compare(a.ID, b.ID))
	})
	return rows, len(s.near.affected)
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
