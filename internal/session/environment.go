package session

import (
	"context"
	"path/filepath"
	"runtime"
	"slices"

	"detour/internal/dial"
	"detour/internal/flow"
	"detour/internal/intake"
	"detour/internal/machine"
)

// environment is what the capture says of this machine and of the run. It never holds a
// secret, even if those of the traffic are kept.
func (s *Session) environment(ctx context.Context) *flow.Environment {
	if s.cfg.Simulated {
		return &flow.Environment{
			Detour: s.cfg.Version, Simulated: true, OS: runtime.GOOS, Arch: runtime.GOARCH, Began: s.began.UTC(),
			Flags: slices.Clone(s.cfg.Storage.Flags),
		}
	}
	e := &flow.Environment{
		Detour: s.cfg.Version, Began: s.began.UTC(), Interfaces: dial.Interfaces(),
		Nameservers: slices.Clone(s.cfg.Storage.Nameservers), Flags: slices.Clone(s.cfg.Storage.Flags),
	}
	if b := s.cfg.Browser; b != nil {
		e.Browser = filepath.Base(b.Options.Path) // the path may contain a user's name
	}
	machine.Describe(ctx, e)
	text := s.intake.Text
	if s.cfg.Storage.KeepSecrets {
		text = intake.New(intake.Config{}).Text
	}
	intake.RedactEnvironment(e, text)
	return e
}
