package main

import (
	"context"
	"fmt"

	"detour/internal/flow"
	"detour/ui"
)

// show runs the live table until it is quit.
func (s *session) show(ctx context.Context) error {
	return ui.Run(ctx, s.store, ui.Actions{Mark: s.mark}, ui.Options{
		Badge: s.badge,
		Facts: s.factsNow,
		Hint:  s.hint,
	})
}

// factsNow is what the table's head says of the run.
func (s *session) factsNow() []ui.Fact {
	facts := []ui.Fact{{Name: "proxy", Value: s.listen.Addr().String()}}
	if said := s.said.Load(); said != nil {
		facts = append(facts, ui.Fact{Name: "note", Value: *said})
	}
	if st := s.store.Stats(); st.Evicted > 0 {
		facts = append(facts, ui.Fact{Name: "dropped", Value: fmt.Sprint(st.Evicted)})
	}
	return facts
}

// mark sets or removes the user's mark of a flow.
func (s *session) mark(id flow.ID) error {
	return s.store.Mark(id)
}
