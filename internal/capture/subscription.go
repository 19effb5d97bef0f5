package capture

import (
	"context"
	"sync"

	"detour/internal/flow"
)

// queueMax limits the queue of a slow reader. Beyond it, the oldest revisions are dropped
// and counted; the proxy never waits.
const queueMax = 1 << 14

// A Subscription delivers flows in the order of their Puts. One goroutine reads it.
type Subscription struct {
	store *Store
	every bool

	mu      sync.Mutex
	queue   []notice
	dropped int
	closed  bool
	wake    chan struct{} // has a token if there are revisions
}

// A notice is a queued revision. Final ones are fetched from the store when they are read,
// so a stuck reader uses little memory.
type notice struct {
	id  flow.ID
	rev uint32
	f   *flow.Flow // nil if final
}

// Subscribe delivers flows that are put from now on: every revision, or final ones only.
// The caller has to close it.
func (s *Store) Subscribe(every bool) *Subscription {
	sub := &Subscription{store: s, every: every, wake: make(chan struct{}, 1)}
	s.mu.Lock()
	s.subs[sub] = struct{}{}
	s.mu.Unlock()
	return sub
}

func (u *Subscription) offer(f *flow.Flow) {
	if !u.every && !f.Final() {
		return
	}
	u.mu.Lock()
	if len(u.queue) >= queueMax {
		const some = queueMax / 16 // many at once, so writers rarely do this
		u.queue = append(u.queue[:0], u.queue[some:]...)
		u.dropped += some
	}
	n := notice{id: f.ID, rev: f.Rev}
	if !f.Final() {
		n.f = f
	}
	u.queue = append(u.queue, n)
	u.mu.Unlock()
	u.nudge()
}

func (u *Subscription) nudge() {
	select {
	case u.wake <- struct{}{}:
	default: // it has a token
	}
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
	u.queue = nil
	u.mu.Unlock()
	return u.fetch(queue), len(queue), closed
}

// fetch returns the flows of notices. A final revision that a newer one has replaced is
// left to the notice of that one.
func (u *Subscription) fetch(queue []notice) []*flow.Flow {
	var got []*flow.Flow
	for _, n := range queue {
		f := n.f
		if f == nil {
			f = u.store.Get(n.id)
		}
		switch {
		case f == nil:
			u.mu.Lock()
			u.dropped++ // evicted meanwhile
			u.mu.Unlock()
		case f.Rev == n.rev:
			got = append(got, f)
		}
	}
	return got
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
	u.nudge()
}
