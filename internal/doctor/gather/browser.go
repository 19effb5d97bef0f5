package gather

import (
	"fmt"

	"detour/internal/browser"
	"detour/internal/browserpolicy"
	"detour/internal/browserpolicy/installed"
	"detour/internal/doctor"
)

func (cfg Config) browser() doctor.Browser {
	b := doctor.Browser{Choice: cfg.Browser}
	path, err := cfg.FindBrowser()
	b.Path = path
	if err != nil {
		b.Err = err.Error()
	}
	b.Twice = browser.StartsTwice(path, cfg.ProfileDir)
	if b.Managed = browserpolicy.FamilyOf(path) != browserpolicy.Unknown; b.Managed {
		b.Policies = installed.Effects(path, cfg.Listen)
	}
	if browserpolicy.Worst(b.Policies) <= browserpolicy.Breaks {
		b.Other = installed.Other(cfg.Listen, browser.Kinds(), browser.Find)
	}
	return b
}

// state tries to write to the state directory, and looks who has the profile open.
func (cfg Config) state() doctor.State {
	s := doctor.State{Dir: cfg.StateDir, Profile: cfg.ProfileDir, Err: cfg.notWritable(cfg.StateDir)}
	if s.Profile == "" {
		return s
	}
	switch by := browser.HeldBy(s.Profile); {
	case by == nil:
	case by.Host != "":
		s.OpenBy, s.Away = "another computer ("+by.Host+")", true
	case by.PID == 0:
		s.OpenBy = "its process isn't known"
	default:
		s.OpenBy = fmt.Sprintf("process %d", by.PID)
	}
	return s
}
