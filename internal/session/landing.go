package session

import (
	"net/http"
	"slices"
	"strings"

	"detour/internal/browser"
	"detour/internal/landing"
)

// landing is the page at the proxy's own address.
func (s *Session) landing() http.Handler {
	d := s.cfg.Decrypt
	run := landing.Run{
		Addr: s.Addr(), Began: s.began, Console: browser.ConsoleURL, SPKI: d.SPKI(), InMemory: d.InMemory(), Warning: d.Warning(),
		AllHosts: d.All, Domains: slices.Concat(s.cfg.Tables.Suffixes(), d.Extra),
		State: func() landing.State {
			st := s.store.Stats()
			return landing.State{Flows: st.Flows, Pending: st.Pending, Evicted: st.Evicted, Passthrough: s.passthrough.Hosts()}
		},
	}
	if !strings.HasPrefix(s.cfg.Version, "(") { // a build without a version
		run.Version = s.cfg.Version
	}
	for _, ca := range d.CAs {
		run.Roots = append(run.Roots, landing.Root{
			PEM: ca.RootPEM(), Fingerprint: ca.RootFingerprint(), Domains: ca.Permitted(), NotAfter: ca.NotAfter(),
		})
	}
	return landing.Handler(run)
}
