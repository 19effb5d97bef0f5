package ui

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"
)

const (
	frameEvery = time.Second / 15       // the shortest interval between frames
	clockEvery = 500 * time.Millisecond // how often running clocks are redrawn
)

// paint draws a frame when something has changed, or twice a second while something changes
// with time. It returns after it has stopped the loop.
func (a *app) paint(ctx context.Context) {
	defer func() {
		if p := recover(); p != nil { // in the Source; guard catches those of the event loop
			a.mu.Lock()
			a.fault = fmt.Sprintf("%v\n\n%s", p, debug.Stack())
			a.mu.Unlock()
			a.tv.Stop()
		}
	}()
	a.tv.QueueUpdate(func() {}) // wait for the loop: it can't be stopped before it runs
	tick := time.NewTicker(frameEvery)
	defer tick.Stop()
	var (
		seen  uint64
		first = true
		drawn time.Time
	)
	for {
		news := false
		var s snapshot
		if v := a.src.Version(); !a.frozen.Load() && (first || v != seen) {
			// The version is read before the content: what changes in between is read
			// again.
			news, first, seen = true, false, v
			s = snapshot{flows: a.src.Flows(), findings: a.src.Findings()}
			if x, ok := a.src.(Stepper); ok {
				s.steps, s.hasSteps = x.Steps(), true
			}
		}
		if moves := a.animate.Load() && time.Since(drawn) >= clockEvery; news || moves {
			a.tv.QueueUpdateDraw(func() { a.guard(func() { a.frame(news, s) }) })
			drawn = time.Now()
		}
		select {
		case <-ctx.Done():
			a.tv.Stop()
			return
		case <-a.leave:
			a.tv.Stop()
			return
		case done := <-a.tasks.Results():
			a.tv.QueueUpdateDraw(func() { a.guard(done) })
		case <-tick.C:
		}
	}
}

// frame updates the model before it is drawn.
func (a *app) frame(news bool, s snapshot) {
	if a.frozen.Load() {
		return
	}
	now := a.opt.Now()
	if news {
		a.m.accept(s, now)
		a.panes.reading.Mask.LearnFindings(a.m.findings)
		a.notices.Watch(a.m.findings)
		a.host.follow()
		a.panes.finding = min(a.panes.finding, max(0, len(a.m.findings)-1))
	}
	a.m.tick(now)
}
