package detail

import (
	"strings"
	"time"

	"detour/internal/flow"
	"detour/internal/wording"
	"detour/ui/pane"
	"detour/ui/table"
)

// TimingsHead is above the bars of the phases, the last ones of the overview.
const TimingsHead = "Timings"

// timingLines draw a bar for each phase, in the order in which they happened, on the scale
// of the flow's total time.
func timingLines(p *pane.Page, f *flow.Flow, now time.Time) {
	t := Phases(f, now)
	sent := "send"
	if f.Tunnel != nil {
		sent = "open"
	}
	phases := []struct {
		name string
		took time.Duration
		in   bool // part of the previous phase, drawn at its end
	}{
		{"blocked", t.Blocked, false},
		{"dns", t.DNS, false},
		{"connect", t.Connect, false},
		{"incl. TLS", t.SSL, true},
		{sent, t.Send, false},
		{"wait", t.Wait, false},
		{"receive", t.Receive, false},
	}
	sum := time.Duration(0)
	for _, ph := range phases {
		if !ph.in {
			sum += max(0, ph.took)
		}
	}
	if sum == 0 {
		return
	}
	p.Head(TimingsHead)
	last := 0 // the last phase that has begun
	for i, ph := range phases {
		if ph.took >= 0 {
			last = i
		}
	}
	scale, at := max(sum, table.Elapsed(f, now)), time.Duration(0)
	for i, ph := range phases {
		if ph.took < 0 {
			continue
		}
		took := wording.Duration(ph.took)
		if !f.Final() && (i == last || i == last-1 && phases[last].in) {
			took = wording.Running(ph.took)
		}
		if ph.in {
			p.Add(ph.name, bar(at-ph.took, ph.took, scale)+" "+took, pane.Dim)
			continue
		}
		p.Add(ph.name, bar(at, ph.took, scale)+" "+took, pane.Plain)
		if sums := f.Connects(now); ph.name == "connect" && len(sums) > 0 && (len(f.Conn.Attempts) > 1 || toneOf(sums) == pane.Bad) {
			p.Add("", flow.ConnectsText(sums), pane.Dim)
		}
		at += ph.took
	}
	if f.Final() {
		p.Add("total", strings.Repeat(" ", barWidth)+" "+wording.Duration(table.Elapsed(f, now)), pane.Plain)
		return
	}
	p.Add("total", strings.Repeat(" ", barWidth)+" "+wording.Running(table.Elapsed(f, now))+" so far", pane.Plain)
}

// Phases returns the phases of a flow until now. The current phase, or the one in which the flow
// failed, lasts until now or until the end.
func Phases(f *flow.Flow, now time.Time) flow.Timings {
	t, at, end := f.Timings(), f.Times, now
	if f.Final() {
		if end = at.Done; end.IsZero() {
			return t
		}
	}
	until := func(begin time.Time) time.Duration { return max(0, end.Sub(begin)) }
	switch {
	case !at.FirstByte.IsZero():
		t.Receive = until(at.FirstByte)
	case !at.WroteRequest.IsZero():
		t.Wait = until(at.WroteRequest)
	case !at.GotConn.IsZero():
		t.Send = until(at.GotConn)
	case f.Conn == nil || f.Reused:
		if !f.Final() || f.Source == flow.SourceProxy {
			t.Blocked = until(at.Start)
		}
	default:
		dialUntil(&t, f, until)
	}
	return t
}

// dialUntil extends the unfinished phase of connecting until the end.
func dialUntil(t *flow.Timings, f *flow.Flow, until func(time.Time) time.Duration) {
	switch c := f.Conn; {
	case c.TLS != nil && c.TLS.Outcome == flow.TLSPending:
		t.SSL = until(c.TLS.Start)
		t.Connect = max(0, t.Connect) + t.SSL
	case table.Connecting(f):
		t.Connect = until(table.FirstStart(c))
	case table.Resolving(f) && c.Resolution != nil:
		t.DNS = until(c.Resolution.Start)
	case table.Resolving(f):
		t.DNS = until(c.Start)
	}
}

const barWidth = 32

// bar draws a period on a scale of barWidth cells, at least one cell of it.
func bar(from, took, total time.Duration) string {
	cell := func(d time.Duration) int { return int((int64(d)*barWidth + int64(total)/2) / int64(total)) }
	a := min(cell(max(0, from)), barWidth-1)
	n := max(1, cell(max(0, from)+took)-a)
	n = min(n, barWidth-a)
	return strings.Repeat("·", a) + strings.Repeat("█", n) + strings.Repeat("·", barWidth-a-n)
}
