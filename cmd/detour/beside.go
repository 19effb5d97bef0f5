package main

import (
	"context"
	"sync"
	"time"

	"detour/internal/dial"
	"detour/internal/flow"
)

// wordAge is how long the other's word on a name is good for.
const wordAge = time.Minute

// maxWords bounds the names that are remembered.
const maxWords = 1000

// An asker gives its own word on a name.
type asker interface {
	Ask(ctx context.Context, host string) *flow.Reference
}

// A beside asks somebody else about each name that is looked up, beside the lookup
// and off the request's path, and adds what it said to the connections. It may be
// used concurrently.
type beside struct {
	dial.Resolver // whose lookups count
	ask           asker
	put           put
	concerns      func(host string) bool // the names that may be told
	ctx           context.Context        // ends with close
	cancel        context.CancelFunc
	under         sync.WaitGroup // questions under way

	mu    sync.Mutex
	known map[string]word
}

// A put adds a word to a resolution of its own; news is false if it has it already,
// or there is nothing in it.
type put func(r flow.Resolution, said *flow.Reference) (with flow.Resolution, news bool)

// A word is what somebody else said of a name.
type word struct {
	at     time.Time
	answer *flow.Reference // nil while it is awaited
}

func newBeside(r dial.Resolver, ask asker, concerns func(host string) bool, put put) *beside {
	ctx, cancel := context.WithCancel(context.Background())
	return &beside{Resolver: r, ask: ask, put: put, concerns: concerns, ctx: ctx, cancel: cancel, known: make(map[string]word)}
}

// asReference puts the word of a resolver outside the VPC.
func asReference(r flow.Resolution, said *flow.Reference) (flow.Resolution, bool) {
	news := r.Reference == nil
	r.Reference = said
	return r, news
}

// asWire puts what the system's nameserver says where the system's resolver was
// asked, which doesn't tell how it came by its answer.
func asWire(r flow.Resolution, said *flow.Reference) (flow.Resolution, bool) {
	news := r.Source == flow.SourceSystem && r.Wire == nil
	r.Wire, r.HTTPS = said, said.HTTPS
	return r, news
}

// asHTTPS puts the HTTPS records alone, where the lookup itself was read.
func asHTTPS(r flow.Resolution, said *flow.Reference) (flow.Resolution, bool) {
	news := len(said.HTTPS) > 0 && r.HTTPS == nil
	r.HTTPS = said.HTTPS
	return r, news
}

// close ends what is under way.
func (r *beside) close() {
	r.cancel()
	r.under.Wait()
}

// Resolve implements dial.Resolver.
func (r *beside) Resolve(ctx context.Context, host string) *flow.Resolution {
	r.begin(host)
	return r.Resolver.Resolve(ctx, host)
}

// begin asks for a name if its answer is old, and doesn't wait.
func (r *beside) begin(host string) {
	if !r.concerns(host) {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if old, ok := r.known[host]; ok && time.Since(old.at) < wordAge || len(r.known) >= maxWords && !ok {
		return
	}
	r.known[host] = word{at: time.Now(), answer: r.known[host].answer}
	r.under.Go(func() {
		answer := r.ask.Ask(r.ctx, host)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.known[host] = word{at: time.Now(), answer: answer}
	})
}

// add returns the connection with what was said of its name, or the same connection
// if that is nothing new. What c points at is left as it is.
func (r *beside) add(c *flow.Conn) *flow.Conn {
	if c.Resolution == nil {
		return c
	}
	r.mu.Lock()
	answer := r.known[c.Resolution.Name].answer
	r.mu.Unlock()
	if answer == nil {
		return c
	}
	with, news := r.put(*c.Resolution, answer)
	if !news {
		return c
	}
	out, res := *c, with // with itself, were it pointed at, would cost memory each time
	out.Resolution = &res
	return &out
}
