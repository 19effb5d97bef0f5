package proxy

import (
	"context"
	"sync"
	"time"
)

// publishInterval is how often changed flows of exchanges in progress are published.
// Most exchanges end sooner and are published only then: several revisions of a
// request that takes a millisecond would cost more than the request. To a person,
// 50 ms is immediate.
const publishInterval = 50 * time.Millisecond

// restAfter is for how long nothing has been in progress when publishLoop rests: to begin and end
// between any two requests would cost more than to look 20 times a second.
const restAfter = time.Second

// activeExchanges is the set of exchanges in progress.
type activeExchanges struct {
	begun chan struct{} // has a token if an exchange was added while nobody looked

	mu      sync.Mutex
	open    map[*exchange]struct{}
	resting bool // nobody looks at all until one is added
}

func newActiveExchanges() *activeExchanges {
	return &activeExchanges{begun: make(chan struct{}, 1), open: make(map[*exchange]struct{})}
}

func (a *activeExchanges) add(x *exchange) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.open[x] = struct{}{}
	if a.resting {
		a.resting = false
		a.begun <- struct{}{}
	}
}

// rest waits until an exchange is in progress, or the context is done.
func (a *activeExchanges) rest(ctx context.Context) {
	a.mu.Lock()
	a.resting = len(a.open) == 0
	resting := a.resting
	a.mu.Unlock()
	if !resting {
		return
	}
	select {
	case <-a.begun:
	case <-ctx.Done():
	}
}

func (a *activeExchanges) remove(x *exchange) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.open, x)
}

func (a *activeExchanges) all(to []*exchange) []*exchange {
	a.mu.Lock()
	defer a.mu.Unlock()
	for x := range a.open {
		to = append(to, x)
	}
	return to
}

// publishLoop publishes changed flows every publishInterval until the proxy stops. An idle proxy
// doesn't wake the processor.
func (p *Proxy) publishLoop() {
	t := time.NewTicker(publishInterval)
	defer t.Stop()
	var xs []*exchange
	last := time.Now() // when any was in progress
	for {
		select {
		case <-p.ctx.Done():
			return
		case now := <-t.C:
			if now.Sub(last) > restAfter {
				t.Stop()
				p.active.rest(p.ctx)
				last = time.Now()
				t.Reset(publishInterval)
				continue
			}
		}
		if xs = p.active.all(xs[:0]); len(xs) > 0 {
			last = time.Now()
		}
		for _, x := range xs {
			x.prefetchIfWaiting()
			x.h1.watchClient(x)
			x.publish()
		}
		clear(xs) // lets the exchanges be collected
	}
}

// start adds the exchange to those in progress.
func (x *exchange) start() {
	x.changed = true
	x.p.active.add(x)
}

// prefetchIfWaiting prefetches the body of a request that has no connection yet.
func (x *exchange) prefetchIfWaiting() {
	x.mu.Lock()
	waiting, body := !x.hasConn && !x.published, x.body
	x.mu.Unlock()
	if waiting {
		body.startPrefetch()
	}
}

// publish puts the next revision of the flow if it has changed.
func (x *exchange) publish() {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.published {
		return
	}
	if sent := x.sent.Load(); sent != x.f.Request.BodySize {
		x.f.Request.BodySize, x.changed = sent, true
	}
	if body, truncated := x.body.prefix(); len(body) > 0 && !x.hasRequestBody {
		x.f.Request.Body, x.f.Request.BodyTruncated = x.p.decoded(x.f.Request.Headers, body, truncated)
		x.hasRequestBody, x.changed = true, true
	}
	if r := x.f.Response; r != nil && x.received.Load() != r.BodySize {
		grown := *r // a copy: r is published
		grown.BodySize = x.received.Load()
		x.f.Response, x.changed = &grown, true
	}
	if x.messages != nil {
		if m := x.messages.counts(); x.f.Messages == nil || m != *x.f.Messages {
			x.f.Messages, x.changed = &m, true
		}
	}
	if !x.changed || x.refused && !x.f.Final() {
		return
	}
	x.changed, x.published = false, x.f.Final()
	x.f.Rev++
	x.refused = !x.p.put(&x.f)
}
