package web

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"detour/internal/report"
)

// visible is the least width of a piece, in percent; of a shorter request the longest one is drawn.
const visible = 0.4

// A panel is a stretch of time as a picture. Its places are in percent of that time: the page's
// width decides how wide it is, and where the text stands.
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
	report.Bar
	Pieces []piece
}

// A piece is one phase of it.
type piece struct {
	X, Width float64
	Phase    string // of phaseNames
}

// draw draws a panel. Durations of flows that aren't finished are those until last.
func draw(p report.Panel, last time.Time) panel {
	whole := max(time.Millisecond, p.End.Sub(p.Start))
	x := func(d time.Duration) float64 { return 100 * float64(d) / float64(whole) }
	out := panel{From: p.From}
	step := stepOf(whole)
	for d := time.Duration(0); d <= whole; d += step {
		out.Ticks = append(out.Ticks, tick{tenth(x(d)), tickText(d, step)})
	}
	for _, b := range p.Bars {
		drawn := bar{Bar: b}
		at, all := b.Flow.Times.Start.Sub(p.Start), phasesOf(b.Flow, last)
		if len(all) == 0 { // its duration isn't known, or next to nothing
			all = []phase{{"open", 0}}
		}
		longest := slices.MaxFunc(all, func(a, b phase) int { return cmp.Compare(a.took, b.took) })
		for _, ph := range all {
			if width := x(at+ph.took) - x(at); width >= visible || ph == longest {
				drawn.Pieces = append(drawn.Pieces, piece{tenth(x(at)), tenth(max(visible, width)), ph.name})
			}
			at += ph.took
		}
		out.Bars = append(out.Bars, drawn)
	}
	return out
}

// tenth rounds: a picture needs no more.
func tenth(x float64) float64 { return math.Round(x*10) / 10 }

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
