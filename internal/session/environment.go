package session

import (
	"context"
	"path/filepath"
	"slices"

	"detour/internal/dial"
	"detour/internal/flow"
	"detour/internal/intake"
	"detour/internal/machine"
)

// environment is what the capture says of the machine and of the run: of a simulated one,
// nothing of this machine. It never holds a secret, even if those of the traffic are kept.
func (s *Session) environment(ctx context.Context) *flow.Environment {
	e := &flow.Environment{}
	if s.cfg.Simulated != nil {
		*e = *s.cfg.Simulated
		e.Simulated = true
	} else {
		s.describe(ctx, e)
	}
	e.Detour, e.Began, e.Flags = s.cfg.Version, s.began.UTC(), slices.Clone(s.cfg.Storage.Flags)
	text := s.intake.Text
	if s.cfg.Storage.KeepSecrets {
		text = intake.New(intake.Config{}).Text
	}
	intake.RedactEnvironment(e, text, s.intake.Own)
	return e
}

// describe fills in what this machine is like.
func (s *Session) describe(ctx context.Context, e *flow.Environment) {
	e.Interfaces, e.Nameservers = dial.Interfaces(), slices.Clone(s.cfg.Storage.Nameservers)
	if b := s.cfg.Browser; b != nil {
		e.Browser = filepath.Base(b.Options.Path) // the path may contain a user's name
	}
	machine.Describe(ctx, e)
	e.UnusedProxy = s.cfg.Network.Unused
}
