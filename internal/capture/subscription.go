package capture

import (
	"context"
	"slices"
	"sync"

	"detour/internal/flow"
)

// queueMax limits the queue of a slow reader. Beyond it, the oldest revisions are dropped
// and counted; the proxy never waits.
const queueMax = 1 << 14

// Limits of the final revisions that a queue holds: how many, and bytes of their bodies.
const (
	holdMax  = 1 << 10
	holdSize = 4 << 20
)

// A Subscription delivers flows in the order of their Puts. One goroutine reads it.
type Subscription struct {
	store *Store
	every bool
	bare  bool // flows have no header fields

	mu      sync.Mutex
	queue   []notice
	held    int // bytes of bodies that queue holds
	finals  int // final revisions in queue
	dropped int
	closed  bool
	wake    chan struct{} // has a token if there are revisions
	enough  int           // how many final revisions Gather waits for
	gather  chan struct{} // has a token if it needn't wait any longer
}

// A notice is a queued revision. A stuck reader uses little memory: beyond the limits, final
// ones are fetched from the store when they are read.
type notice struct {
	id  flow.ID
	rev uint32
	f   *flow.Flow // with its headers; nil: it is in the store
}

func (n notice) final() bool { return n.f == nil || n.f.Final() }

// Subscribe delivers flows that are put from now on: every revision, or final ones only.
// The caller has to close it.
func (s *Store) Subscribe(every bool) *Subscription { return s.subscribe(&Subscription{every: every}) }

// SubscribeBare delivers final revisions that are put from now on. They have no header fields, unless the
// reader is so slow that it gets them from the store. The caller has to close it.
func (s *Store) SubscribeBare() *Subscription { return s.subscribe(&Subscription{bare: true}) }

func (s *Store) subscribe(sub *Subscription) *Subscription {
	sub.store, sub.wake, sub.gather = s, make(chan struct{}, 1), make(chan struct{}, 1)
	s.mu.Lock()
	s.subs[sub] = struct{}{}
	s.mu.Unlock()
	return sub
}

// offer queues a revision. whole is f with its headers; nil if it is in the store alone.
func (u *Subscription) offer(f, whole *flow.Flow) {
	if !u.every && !f.Final() {
		return
	}
	u.mu.Lock()
	if len(u.queue) >= queueMax {
		const some = queueMax / 16 // many at once, so writers rarely do this
		for _, n := range u.queue[:some] {
			if n.final() {
				u.finals--
			}
		}
		u.queue = append(u.queue[:0], u.queue[some:]...)
		u.dropped += some
	}
	n := notice{id: f.ID, rev: f.Rev}
	if !f.Final() {
		n.f = f
	} else if whole != nil && len(u.queue) < holdMax && u.held+whole.BodyBytes() <= holdSize {
		n.f = whole
		u.held += whole.BodyBytes()
	}
	u.queue = append(u.queue, n)
	if f.Final() {
		u.finals++
		u.gathered()
	}
	u.mu.Unlock()
	signal(u.wake)
}

// Next waits for revisions and returns all since the last call. It returns nil when the
// subscription is closed and empty, or ctx is done.
func (u *Subscription) Next(ctx context.Context) []*flow.Flow {
	for {
		got, queued, closed := u.take()
		if len(got) > 0 || closed && queued == 0 {
			return got
		}
		if queued > 0 {
			continue
		}
		select {
		case <-u.wake:
		case <-ctx.Done():
			return nil
		}
	}
}

// take returns the queued flows, the number of their notices, and whether the
// subscription is closed.
func (u *Subscription) take() (got []*flow.Flow, queued int, closed bool) {
	u.store.fetching.RLock()
	defer u.store.fetching.RUnlock()
	u.mu.Lock()
	queue, closed := u.queue, u.closed
	u.queue, u.held, u.finals = nil, 0, 0
	u.mu.Unlock()
	return u.fetch(queue), len(queue), closed
}

// fetch returns the flows of notices. A final revision that a newer one has replaced is
// left to the notice of that one.
func (u *Subscription) fetch(queue []notice) (got []*flow.Flow) {
	for i, n := range queue {
		if n.f != nil && !n.f.Final() {
			got = append(got, n.f)
			continue
		}
		e, subscribed := u.entry(n.id)
		switch {
		case e.Flow != nil && e.Rev > n.rev && (subscribed || n.isIn(queue[i+1:])):
		case n.f != nil:
			got = append(got, n.f)
		case e.Flow != nil:
			got = append(got, u.store.whole(e))
		default:
			u.mu.Lock()
			u.dropped++ // evicted meanwhile
			u.mu.Unlock()
		}
	}
	return got
}

// isIn reports whether a later notice is of the same flow.
func (n notice) isIn(later []notice) bool {
	return slices.ContainsFunc(later, func(x notice) bool { return x.id == n.id })
}

// entry returns the store's entry of a flow, and whether the subscription had the notice of its revision.
func (u *Subscription) entry(id flow.ID) (e entry, subscribed bool) {
	u.store.mu.RLock()
	defer u.store.mu.RUnlock()
	_, subscribed = u.store.subs[u]
	return u.store.kept(id), subscribed
}

// Dropped returns the number of revisions that were dropped because the reader was slow.
func (u *Subscription) Dropped() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.dropped
}

// Close ends the subscription. Queued flows can still be read.
func (u *Subscription) Close() {
	u.store.mu.Lock()
	delete(u.store.subs, u)
	u.store.mu.Unlock()
	u.mu.Lock()
	u.closed = true
	u.mu.Unlock()
	signal(u.wake)
	signal(u.gather)
}
