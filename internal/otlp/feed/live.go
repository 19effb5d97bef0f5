package feed

import (
	"context"
	"sync"
	"time"

	"detour/internal/capture"
	"detour/internal/flow"
	"detour/internal/otlp"
	"detour/internal/otlp/send"
)

const (
	// lookEvery is how often a run is looked at. Meanwhile its flows wait in the capture's own queue.
	lookEvery = 100 * time.Millisecond
	// flushTime is how long sending may take at the end of a run.
	flushTime = 2 * time.Second
)

// A Live sends what happens in a run. Its methods may be called concurrently.
type Live struct {
	sender *send.Sender
	store  *capture.Store
	sub    *capture.Subscription
	feed   feed
	judged []flow.Finding // those that were sent
	ending chan struct{}
	done   sync.WaitGroup
	once   sync.Once
	flush  time.Duration // how long sending may take at the end
	total  send.Stats
}

// Begin begins to send. redact is that of the run. cfg is what Options.Config returns, with what the run adds.
func (o Options) Begin(store *capture.Store, redact Redactor, as otlp.Resource, cfg send.Config) *Live {
	cfg.Encoder = otlp.New(as)
	l := &Live{sender: send.New(cfg), store: store, sub: store.SubscribeBare(), ending: make(chan struct{}), flush: flushTime}
	l.feed = feed{to: l.sender, encoder: cfg.Encoder, redact: redact, choice: Choice(o.Choice), meanings: meanings()}
	l.done.Go(l.run)
	return l
}

// Stats are the current counts.
func (l *Live) Stats() send.Stats {
	out := l.sender.Stats()
	out.Dropped += l.sub.Dropped()
	return out
}

// End sends what is left, for at most two seconds, and returns the final counts. The run has ended.
func (l *Live) End() send.Stats {
	l.once.Do(func() {
		close(l.ending)
		l.sub.Close()
		l.done.Wait()
		ctx, cancel := context.WithTimeout(context.Background(), l.flush)
		defer cancel()
		l.total = l.sender.Close(ctx)
		l.total.Dropped += l.sub.Dropped()
	})
	return l.total
}

// run sends until the run has ended.
func (l *Live) run() {
	for {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		flows := l.sub.Next(ctx)
		cancel()
		l.look(flows)
		select {
		case <-l.ending:
			for flows = l.sub.Next(context.Background()); flows != nil; flows = l.sub.Next(context.Background()) {
				l.look(flows)
			}
			l.look(nil)
			l.feed.sum(l.feed.summaries.All(time.Now()))
			return
		case <-time.After(lookEvery):
		}
	}
}

// look sends what is new.
func (l *Live) look(flows []*flow.Flow) {
	now := time.Now()
	l.feed.steps = l.store.Steps()
	for _, f := range flows {
		l.feed.flow(f)
	}
	if found := l.store.Findings(); changed(found, l.judged) {
		all := make(map[flow.ID]*flow.Flow)
		for _, f := range l.store.Flows() {
			all[f.ID] = f
		}
		l.feed.judged(found, func(id flow.ID) *flow.Flow { return all[id] }, now)
		l.judged = found
	}
	l.feed.sum(l.feed.summaries.Until(now))
}

// changed reports whether a store's findings are others than before: it replaces all of them.
func changed(now, before []flow.Finding) bool {
	return len(now) != len(before) || len(now) > 0 && &now[0] != &before[0]
}
