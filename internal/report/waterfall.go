package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"detour/internal/flow"
)

// What the picture shows. Its places are in percent of the time that it spans: the page's width
// decides how wide that is, and where the text stands.
const (
	neighbour = 2   // rows that are drawn before an affected call, and after it
	visible   = 0.4 // the least width of a piece; of a shorter request the longest one is drawn
	pause     = time.Minute
)

// A panel is a stretch of time without a long pause. Each has its own scale.
type panel struct {
	From  string
	Ticks []tick
	Bars  []bar
}

type tick struct {
	X    float64
	Text string
}

// A bar is one request.
type bar struct {
	Label    string
	Result   string
	Affected bool
	Pieces   []piece
}

// A piece is one phase of it. Phase is one of a closed set of words.
type piece struct {
	X, Width float64
	Phase    string
}

// phases are the names of phases, in the order of a request's life.
func phases() []string {
	return []string{"blocked", "dns", "connect", "no-connect", "tls", "send", "wait", "receive", "open"}
}

// picture draws the first affected calls and the requests around them, and counts the
// affected calls that aren't drawn.
func (s survey) picture() (panels []panel, undrawn int) {
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

func (s survey) panel(rows []*flow.Flow, end time.Time) panel {
	from := rows[0].Times.Start
	whole := max(time.Millisecond, end.Sub(from))
	x := func(d time.Duration) float64 { return 100 * float64(d) / float64(whole) }
	p := panel{From: s.clock(from)}
	step := stepOf(whole)
	for d := time.Duration(0); d <= whole; d += step {
		p.Ticks = append(p.Ticks, tick{tenth(x(d)), tickText(d, step)})
	}
	for _, f := range rows {
		b := bar{Label: fmt.Sprintf("#%d %s", f.ID, callOf(f)), Result: answerOf(f), Affected: s.isAffected[f.ID]}
		at, took := f.Times.Start.Sub(from), max(0, s.took(f))
		all := phasesOf(f, took)
		longest := slices.MaxFunc(all, func(a, b phase) int { return cmp.Compare(a.took, b.took) })
		for _, ph := range all {
			if width := x(at+ph.took) - x(at); width >= visible || ph == longest {
				b.Pieces = append(b.Pieces, piece{tenth(x(at)), tenth(max(visible, width)), ph.name})
			}
			at += ph.took
		}
		p.Bars = append(p.Bars, b)
	}
	return p
}

// tenth rounds: a picture needs no more.
func tenth(x float64) float64 { return math.Round(x*10) / 10 }

type phase struct {
	name string
	took time.Duration
}

// phasesOf are the phases of a flow, one after the other, no longer than it took.
// The rest is open.
func phasesOf(f *flow.Flow, took time.Duration) (out []phase) {
	t := f.Timings()
	connect := "connect"
	if f.Conn != nil && !f.Reused && f.Conn.Winner() == nil {
		connect = "no-connect"
	}
	left := took
	for _, p := range []phase{
		{"blocked", t.Blocked},
		{"dns", t.DNS},
		{connect, t.Connect - max(0, t.SSL)},
		{"tls", t.SSL},
		{"send", t.Send},
		{"wait", t.Wait},
		{"receive", t.Receive},
	} {
		if p.took = min(p.took, left); p.took > 0 {
			out, left = append(out, p), left-p.took
		}
	}
	if left > 0 || len(out) == 0 {
		out = append(out, phase{"open", left})
	}
	return out
}

// stepOf is a round step that gives a time span two to seven ticks.
func stepOf(whole time.Duration) time.Duration {
	for unit := time.Millisecond; ; unit *= 10 {
		for _, n := range []time.Duration{1, 2, 5} {
			if whole/(n*unit) < 6 {
				return n * unit
			}
		}
	}
}

func tickText(d, step time.Duration) string {
	switch {
	case d == 0:
		return "0"
	case step >= time.Second:
		return fmt.Sprintf("%d s", d/time.Second)
	case step < 100*time.Millisecond && d < time.Second:
		return fmt.Sprintf("%d ms", d/time.Millisecond)
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}
