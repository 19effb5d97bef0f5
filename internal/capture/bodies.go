package capture

import "detour/internal/flow"

// weigh is how many bytes of bodies a flow has.
func weigh(f *flow.Flow) int {
	n := len(f.Request.Body)
	if f.Response != nil {
		n += len(f.Response.Body)
	}
	return n
}

// weighIn counts the bodies of a flow that is new, or newly has them, and takes out
// those of the oldest flows once there are too many. That makes no revision: who
// wants bodies for good has read them by now.
func (s *Store) weighIn(f *flow.Flow) {
	n := weigh(f)
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
			s.weight -= weigh(&light)
			light.DropBodies()
			s.entries[at].Flow = &light
		}
	}
}
