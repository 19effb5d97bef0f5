package scan

import (
	"context"
	"sync"
	"time"

	"detour/internal/aws"
	"detour/internal/flow"
	"detour/internal/intake"
	"detour/internal/probe"
)

// concurrency is how many hosts are probed at the same time.
const concurrency = 32

// All probes hosts, given as host:port, concurrently, and returns the results in their
// order, redacted and judged. Two hosts start at least pace apart. done is called after
// each, never concurrently; it may be nil. The error is that of ctx, or of the tables.
func All(
	ctx context.Context, p *probe.Prober, tables *aws.Tables, authorities []string, pace time.Duration, done func(),
) ([]probe.Result, error) {
	ranges, err := aws.LoadRanges()
	if err != nil {
		return nil, err
	}
	results := make([]probe.Result, len(authorities))
	slots := make(chan struct{}, concurrency)
	in := intake.New(intake.Config{Tables: tables, Ranges: func() *aws.Ranges { return ranges }})
	var wg sync.WaitGroup
	var mu sync.Mutex
	due := time.NewTimer(0)
	defer due.Stop()
	for i, a := range authorities {
		slots <- struct{}{}
		select {
		case <-due.C:
			due.Reset(pace)
		case <-ctx.Done(): // the remaining probes report it
		}
		wg.Go(func() {
			defer func() { <-slots }()
			r := p.Probe(ctx, a)
			r.Flow.ID, r.Flow.Rev = flow.ID(i+1), 1 //nolint:gosec // an index
			in.Take(&r.Flow)
			takeTries(in, r.Tries)
			mu.Lock()
			defer mu.Unlock()
			results[i] = r
			if done != nil {
				done()
			}
		})
	}
	wg.Wait()
	if err := ctx.Err(); err != nil { // what was cancelled says nothing about a host
		return nil, err
	}
	return results, nil
}

// takeTries takes in the texts of a probe's tries, which come from proxies and servers.
func takeTries(in *intake.Intake, tries []probe.Try) {
	for i := range tries {
		t := &tries[i]
		t.Conn, t.Err = in.Conn(t.Conn), in.Text(t.Err)
		if t.Answer != nil {
			a := *t.Answer
			a.Server, a.RequestID = in.Text(a.Server), in.Text(a.RequestID)
			t.Answer = &a
		}
	}
}
