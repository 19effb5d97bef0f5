package capture

import (
	"slices"

	"detour/internal/flow"
)

// Clear takes away what is over and neither marked nor noted, and returns how many
// flows that were. Subscribers still get those that they haven't got yet, so that
// what a capture on disk keeps doesn't depend on it. It may be called concurrently,
// and waits for nobody but subscribers that are fetching flows.
func (s *Store) Clear() int {
	s.fetching.Lock()
	defer s.fetching.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	gone := make(map[flow.ID]entry)
	s.entries = slices.DeleteFunc(s.entries, func(e entry) bool {
		if !e.Final() || e.Marked || e.Note != "" {
			return false
		}
		gone[e.ID] = e
		s.weight -= e.BodyBytes()
		return true
	})
	s.bodied = slices.DeleteFunc(s.bodied, func(id flow.ID) bool { return gone[id].Flow != nil })
	for u := range s.subs {
		u.hold(gone)
	}
	s.version.Add(1)
	return len(gone)
}

// hold gives notices of flows that are gone the flows themselves.
func (u *Subscription) hold(gone map[flow.ID]entry) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for i, n := range u.queue {
		if e, ok := gone[n.id]; ok && n.f == nil && e.Rev == n.rev {
			u.queue[i].f = u.store.whole(e)
		}
	}
}
