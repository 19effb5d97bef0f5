package main

import (
	"context"
	"sync"
	"time"

	"detour/internal/dial"
	"detour/internal/flow"
)

// referenceAge is how long the reference's word on a name is good for.
const referenceAge = time.Minute

// maxReferences bounds the names that are remembered.
const maxReferences = 1000

// An asker is a reference resolver.
type asker interface {
	Ask(ctx context.Context, host string) *flow.Reference
}

// references asks a reference resolver for each name that is looked up, beside the
// lookup and off the request's path, and adds what it said to the connections. It
// may be used concurrently.
type references struct {
	dial.Resolver // whose lookups count
	ask           asker
	concerns      func(host string) bool // the names that may be told to the reference
	ctx           context.Context        // ends with close
	cancel        context.CancelFunc
	under         sync.WaitGroup // questions under way

	mu    sync.Mutex
	known map[string]reference
}

type reference struct {
	at     time.Time
	answer *flow.Reference // nil while it is awaited
}

func newReferences(r dial.Resolver, ask asker, concerns func(host string) bool) *references {
	ctx, cancel := context.WithCancel(context.Background())
	return &references{Resolver: r, ask: ask, concerns: concerns, ctx: ctx, cancel: cancel, known: make(map[string]reference)}
}

// close ends what is under way. A nil references has nothing.
func (r *references) close() {
	if r != nil {
		r.cancel()
		r.under.Wait()
	}
}

// Resolve implements dial.Resolver.
func (r *references) Resolve(ctx context.Context, host string) *flow.Resolution {
	r.begin(host)
	return r.Resolver.Resolve(ctx, host)
}

// begin asks for a name if its answer is old, and doesn't wait.
func (r *references) begin(host string) {
	if !r.concerns(host) {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if old, ok := r.known[host]; ok && time.Since(old.at) < referenceAge || len(r.known) >= maxReferences && !ok {
		return
	}
	r.known[host] = reference{at: time.Now(), answer: r.known[host].answer}
	r.under.Go(func() {
		answer := r.ask.Ask(r.ctx, host)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.known[host] = reference{at: time.Now(), answer: answer}
	})
}

// add returns the connection with what the reference said of its name, or the same
// connection if it has said nothing. What c points at is left as it is.
func (r *references) add(c *flow.Conn) *flow.Conn {
	if c.Resolution == nil || c.Resolution.Reference != nil {
		return c
	}
	r.mu.Lock()
	answer := r.known[c.Resolution.Name].answer
	r.mu.Unlock()
	if answer == nil {
		return c
	}
	out, res := *c, *c.Resolution
	res.Reference = answer
	out.Resolution = &res
	return &out
}
