package capture

import (
	"context"
	"sync"

	"detour/internal/flow"
)

// queueMax bounds what waits for one slow reader. Beyond it the oldest waiting
// revisions are dropped and counted; the proxy is never held up.
const queueMax = 100_000

// A Subscription delivers flows in the order of their Puts. One goroutine reads it.
type Subscription struct {
	store *Store
	every bool

	mu      sync.Mutex
	queue   []*flow.Flow
	dropped int
	closed  bool
	wake    chan struct{} // holds a token when there is news
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
	u.queue = append(u.queue, f)
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
		u.mu.Lock()
		got, closed := u.queue, u.closed
		u.queue = nil
		u.mu.Unlock()
		if len(got) > 0 || closed {
			return got
		}
		select {
		case <-u.wake:
		case <-ctx.Done():
			return nil
		}
	}
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
