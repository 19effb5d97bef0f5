package capture

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"detour/internal/flow"
)

// Mark sets or removes the user's mark of a flow.
func (s *Store) Mark(id flow.ID) error {
	return s.edit(id, func(f *flow.Flow) { f.Marked = !f.Marked })
}

// Note sets the user's note of a flow; "" removes it.
func (s *Store) Note(id flow.ID, text string) error {
	text = s.opt.Intake.Text(text)
	return s.edit(id, func(f *flow.Flow) { f.Note = text })
}

// edit publishes a change by the user.
func (s *Store) edit(id flow.ID, change func(f *flow.Flow)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	at, known := s.find(id)
	if !known {
		return fmt.Errorf("flow %d is no longer in memory", id)
	}
	s.revise(&s.entries[at], change)
	s.entries[at].edited = true
	return nil
}

// AddStep adds a step, which says what the user does next, and returns the number of
// steps.
func (s *Store) AddStep(step flow.Step) int {
	step.Text = s.opt.Intake.Text(step.Text)
	s.mu.Lock()
	at, _ := slices.BinarySearchFunc(s.steps, step.At, func(x flow.Step, t time.Time) int {
		return cmp.Or(x.At.Compare(t), -1) // after those of the same instant
	})
	s.steps = slices.Concat(s.steps[:at], []flow.Step{step}, s.steps[at:]) // readers hold the old slice
	n := len(s.steps)
	s.mu.Unlock()
	s.version.Add(1)
	return n
}

// Steps returns the steps, by time. The slice must not be written to.
func (s *Store) Steps() []flow.Step {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.steps
}
