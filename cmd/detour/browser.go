package main

import (
	"fmt"
	"os"

	"detour/internal/browser"
	"detour/internal/browserpolicy/installed"
	"detour/internal/browserstatus"
	"detour/internal/manualsetup"
	"detour/internal/session"
)

// browserStatus is what is known of the browser at program, whose proxy is at addr.
func (o *runOptions) browserStatus(program, addr string) browserstatus.Status {
	return browserstatus.Status{
		Key: o.keys.bound["browse"], Saved: o.profileDir() != "", Logged: o.log != "",
		Policies: installed.Warnings(program, addr, browser.Kinds(), browser.Find),
	}
}

// setupOf is what one's own browser needs to go through the proxy of a run.
func setupOf(s *session.Session) manualsetup.Setup {
	return manualsetup.Setup{
		Proxy: s.URL(), Root: s.Decrypt().Path(), SPKI: s.Decrypt().SPKI(), SSH: manualsetup.SSHForward(os.Getenv, s.Addr()),
	}
}

// withoutBrowser is why no browser is started, and what to do instead. moved is the
// notice that the proxy's port isn't the usual one, or "".
func (o *runOptions) withoutBrowser(why error, moved string, run manualsetup.Setup) []string {
	no := fmt.Sprintf("no browser is started: %v", why)
	if o.profile != "" {
		no += "; --profile " + o.profile + " is not used"
	}
	lines := []string{no}
	if moved != "" {
		lines = append(lines, moved)
	}
	return append(lines, run.Steps()...)
}
