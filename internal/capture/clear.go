package capture

import (
	"slices"

	"detour/internal/flow"
)

// Clear removes final flows without a mark or a note, and returns their number.
// Subscribers still receive those that they haven't received yet, so a capture on disk
// doesn't depend on it. Clear waits only for subscribers that are fetching flows.
func (s *Store) Clear() int {
	s.fetching.Lock()
	defer s.fetching.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	removed := make(map[flow.ID]entry)
	s.entries = slices.DeleteFunc(s.entries, func(e entry) bool {
		if !e.Final() || e.Marked || e.Note != "" {
			return false
		}
		removed[e.ID] = e
		s.weight -= e.BodyBytes()
		return true
	})
	s.bodied = slices.DeleteFunc(s.bodied, func(id flow.ID) bool { return removed[id].Flow != nil })
	for u := range s.subs {
		u.hold(removed)
	}
	s.version.Add(1)
	return len(removed)
}

// hold stores removed flows in their notices.
func (u *Subscription) hold(removed map[flow.ID]entry) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for i, n := range u.queue {
		if e, ok := removed[n.id]; ok && n.f == nil && e.Rev == n.rev {
			u.queue[i].f = u.store.whole(e)
		}
	}
}
