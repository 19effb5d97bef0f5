package capture

import (
	"slices"

	"detour/internal/flow"
)

// Restore adds a flow of a recording as it was recorded, with its mark and its note, or replaces
// it by a newer revision, even after its final one. What the user changed here stays. It
// reports whether the flow is new. The caller must not write to f afterwards.
func (s *Store) Restore(f *flow.Flow) (added bool) {
	x := *f
	e := entry{Flow: &x, source: f.Rev, bodies: bodiesOf(&x)}
	if x.Final() {
		e.packed = s.pack(&x)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	at, known := s.find(x.ID)
	if known {
		old := s.entries[at]
		if old.source >= x.Rev && old.Final() == x.Final() {
			return false
		}
		if e.added, e.edited = old.added, old.edited; e.edited {
			x.Marked, x.Note = old.Marked, old.Note
		}
		x.Rev += e.added
		if !old.Final() {
			s.stats.Pending--
		}
		s.weight -= old.BodyBytes()
		s.entries[at] = e
	} else {
		s.entries = slices.Insert(s.entries, at, e)
	}
	if !x.Final() {
		s.stats.Pending++
	}
	s.weighIn(&x)
	s.evict()
	s.publish(&x, nil)
	return !known
}
