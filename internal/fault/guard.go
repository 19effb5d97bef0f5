package fault

import (
	"fmt"
	"log/slog"
	"sync"
	"time"
)

const (
	quiet    = time.Minute // between two notices of the same kind
	maxKinds = 64          // that are remembered
)

// A Guard reports panics, and lets the rest go on. If it is nil, a panic ends the process.
type Guard struct {
	log    *slog.Logger
	notice func(string)

	mu   sync.Mutex
	last map[string]time.Time // when notice was given last
}

// NewGuard returns a Guard that writes each panic to log, and tells the user by notice, which may be nil.
func NewGuard(log *slog.Logger, notice func(string)) *Guard {
	return &Guard{log: log, notice: notice, last: make(map[string]time.Time)}
}

// Do calls do, and reports whether it returned. lost says what a panic means to the user, in a main clause.
func (g *Guard) Do(lost string, do func()) (returned bool) {
	if g == nil {
		do()
		return true
	}
	p := Catch(do)
	if p != nil {
		g.Report(lost, p)
	}
	return p == nil
}

// Report writes a panic to the log, with its stack, and gives a notice, once a minute for each lost.
func (g *Guard) Report(lost string, p *Panic) {
	g.log.Error("detour panicked", "lost", lost, "panic", fmt.Sprint(p.Value), "stack", string(p.Stack))
	if g.notice != nil && g.due(lost, time.Now()) {
		g.notice("detour has a fault: " + lost + ". --log FILE records what happens the next time")
	}
}

func (g *Guard) due(lost string, now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if last, given := g.last[lost]; given && now.Sub(last) < quiet {
		return false
	}
	if len(g.last) == maxKinds {
		clear(g.last)
	}
	g.last[lost] = now
	return true
}
