package capture

import (
	"context"
	"sync"

	"detour/internal/flow"
)

// queueMax bounds what waits for one slow reader. Beyond it the oldest waiting
// revisions are dropped and counted; the proxy is never held up.
const queueMax = 1 << 14

// A Subscription delivers flows in the order of their Puts. One goroutine reads it.
type Subscription struct {
	store *Store
	every bool

	mu      sync.Mutex
	queue   []notice
	dropped int
	closed  bool
	wake    chan struct{} // holds a token when there is news
}

// A notice is a revision that waits for its reader. Final ones are in the store
// and are fetched from there when they are read: a stuck reader costs next to nothing.
type notice struct {
	id  flow.ID
	rev uint32
	f   *flow.Flow // nil if final
}

// Subscribe delivers what is put from now on: final flows only, or, if every is
// set, every revision. Close it when done.
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
		const some = queueMax / 16 // at once, so that a stuck reader costs the writers little
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
	default: // a token is there already
	}
}

// Next waits for news and returns all that has come since the last call. It
// returns nil once the subscription is closed and drained, or ctx is done.
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

// take returns the flows that are waiting, of how many notices they were made, and
// whether more can come.
func (u *Subscription) take() (got []*flow.Flow, queued int, closed bool) {
	u.store.fetching.RLock()
	defer u.store.fetching.RUnlock()
	u.mu.Lock()
	queue, closed := u.queue, u.closed
	u.queue = nil
	u.mu.Unlock()
	return u.fetch(queue), len(queue), closed
}

// fetch makes flows of notices. A final revision that another has followed since,
// by a mark, is left to the notice of that one.
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

// Dropped is how many revisions were lost because the reader was too slow.
func (u *Subscription) Dropped() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.dropped
}

// Close ends the subscription. What is queued can still be read.
func (u *Subscription) Close() {
	u.store.mu.Lock()
	delete(u.store.subs, u)
	u.store.mu.Unlock()
	u.mu.Lock()
	u.closed = true
	u.mu.Unlock()
	u.nudge()
}
