package watch

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"detour/internal/flow"
)

// A Tester tests hosts. Its methods are called concurrently, and end with ctx.
type Tester interface {
	// Lookup resolves the name of a host:port; nil if an upstream proxy does.
	Lookup(ctx context.Context, authority string) *flow.Resolution
	// Test makes one connection to one address of a resolution. Through an upstream proxy, both
	// are zero.
	Test(ctx context.Context, authority string, r *flow.Resolution, a netip.Addr) flow.Later
}

// Options say what happens with the results of Run.
type Options struct {
	For time.Duration // how long to watch; 0: until ctx ends
	// Learn takes what was learned of a host, for one of its flows, whose ID it returns. nil: nobody does.
	Learn func(authority string, all []flow.Later) flow.ID
	// Report takes each state of the watch, with what is new: nothing, if only a try more was
	// made. Neither Learn nor Report is called concurrently.
	Report func(c flow.Check, news []Event)
}

// Run watches hosts, given as host:port, until all of them work, ctx ends or time is up, and
// returns what it found out.
func Run(ctx context.Context, t Tester, cfg Config, authorities []string, opt Options) flow.Check {
	w := New(cfg, authorities, time.Now())
	work, stop := context.WithCancel(ctx)
	var running sync.WaitGroup
	results := make(chan func(now time.Time) []Event)
	begin := func(j Job) {
		running.Go(func() {
			done := w.job(work, t, j)
			select {
			case results <- done:
			case <-work.Done():
			}
		})
	}
	defer running.Wait()
	defer stop()
	var deadline <-chan time.Time
	if opt.For > 0 {
		deadline = time.After(opt.For)
	}
	due := time.NewTimer(0)
	defer due.Stop()
	for !w.Over() {
		var news []Event
		select {
		case <-ctx.Done():
			news = w.End(flow.CheckStopped, time.Now())
		case <-deadline:
			news = w.End(flow.CheckDeadline, time.Now())
		case take := <-results:
			if ctx.Err() == nil {
				news = take(time.Now())
			}
		case <-due.C:
		}
		opt.tell(w, news)
		jobs, next := w.Due(time.Now())
		for _, j := range jobs {
			begin(j)
		}
		if !next.IsZero() {
			due.Reset(time.Until(next))
		}
	}
	return w.Check()
}

// job does a job, and returns the function that gives its result to the watch.
func (w *Watch) job(ctx context.Context, t Tester, j Job) func(now time.Time) []Event {
	if j.Lookup {
		r := t.Lookup(ctx, j.Authority)
		return func(now time.Time) []Event { return w.Looked(j.Authority, r, now) }
	}
	l := t.Test(ctx, j.Authority, j.Resolution, j.Addr.Addr())
	return func(now time.Time) []Event { return w.Tried(j.Authority, j.Addr, l, now) }
}

// tell hands on what is new.
func (o Options) tell(w *Watch, news []Event) {
	for _, e := range news {
		if o.Learn != nil && e.Later.Kind != "" {
			w.SetFlow(e.Host, o.Learn(e.Host, []flow.Later{e.Later}))
		}
	}
	if o.Report != nil {
		o.Report(w.Check(), news)
	}
}
