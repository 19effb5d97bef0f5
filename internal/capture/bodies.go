package capture

import "detour/internal/flow"

// weighIn counts the bodies of a flow, and drops those of the oldest flows if there are
// too many. That isn't a revision: subscribers have read them by then.
func (s *Store) weighIn(f *flow.Flow) {
	n := f.BodyBytes()
	if n == 0 {
		return
	}
	s.weight += n
	if last := len(s.bodied) - 1; last < 0 || s.bodied[last] != f.ID {
		s.bodied = append(s.bodied, f.ID)
	}
	for s.weight > s.opt.Bodies && len(s.bodied) > 1 {
		oldest := s.bodied[0]
		s.bodied = s.bodied[1:]
		if at, known := s.find(oldest); known && oldest != f.ID {
			light := *s.entries[at].Flow
			s.weight -= light.BodyBytes()
			light.DropBodies()
			s.entries[at].Flow = &light
		}
	}
}
