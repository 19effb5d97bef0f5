package capture

import (
	"slices"

	"detour/internal/flow"
)

// maxChecks limits the checks in memory. Beyond it, the oldest that ended go.
const maxChecks = 64

// PutCheck adds a check, or a newer state of the one with its ID, and returns the ID. An ID of
// 0 is a new check. The caller must not write to what c points at afterwards.
func (s *Store) PutCheck(c flow.Check) (id int) {
	x := s.opt.Intake.Check(&c)
	s.mu.Lock()
	if x.ID == 0 {
		s.lastCheck++
		x.ID = s.lastCheck
	}
	s.lastCheck = max(s.lastCheck, x.ID)
	all := slices.Clone(s.checks) // readers hold the old slice
	at, known := slices.BinarySearchFunc(all, x.ID, func(c *flow.Check, id int) int { return c.ID - id })
	if known {
		all[at] = x
	} else {
		all = slices.Insert(all, at, x)
	}
	if len(all) > maxChecks {
		gone := max(0, slices.IndexFunc(all, func(c *flow.Check) bool { return !c.Ended.IsZero() }))
		all = slices.Delete(all, gone, gone+1)
	}
	s.checks = all
	s.mu.Unlock()
	s.version.Add(1)
	return x.ID
}

// Checks returns the checks, by ID. The slice must not be written to.
func (s *Store) Checks() []*flow.Check {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.checks
}
