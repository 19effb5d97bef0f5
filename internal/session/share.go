package session

import (
	"time"

	"detour/internal/flow"
	"detour/internal/intake"
	"detour/internal/share"
)

// Strict redacts strictly what leaves the session: each stand-in is the same for all exports and
// for all who watch.
func (s *Session) Strict() *intake.Strict { return s.strict() }

// Shared is what a Feed of the session is made of, except what watchers see in its head, and the
// Renderer.
func (s *Session) Shared() share.Config {
	judging := &intake.StrictJudging{
		Strict: s.Strict(), Machine: s.recording.environment, Account: s.Account,
		Gone: func() []*flow.Flow {
			if gone := s.gone.Load(); gone != nil {
				return *gone
			}
			return nil
		},
	}
	c := share.Config{
		Source: s.store, Strict: s.Strict(), Judge: judging.Judge, Now: time.Now, Detour: s.cfg.Version, Kind: share.KindRun,
		Faults: s.faults,
	}
	if s.cfg.Simulated != nil {
		c.Kind, c.Simulated = share.KindDemo, true
	}
	return c
}
