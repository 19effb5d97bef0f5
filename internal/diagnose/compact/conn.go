package compact

import (
	"net/netip"
	"time"

	"detour/internal/flow"
)

// A conn is what tells connections of plain flows apart.
type conn struct {
	authority, proxy string
	start            time.Time
	won              bool // an address accepted it, or reset it afterwards
	addr             netip.AddrPort
	outcome          flow.DialOutcome
	dialed           time.Time
	took             time.Duration
	secured          bool // TLS began
	tls              flow.TLSOutcome
}

func connOf(c *flow.Conn) conn {
	out := conn{authority: c.Authority, proxy: c.UpstreamProxy, start: c.Start}
	if w := c.Winner(); w != nil {
		out.won, out.addr, out.outcome, out.dialed, out.took = true, w.Addr, w.Outcome, w.Start, w.Took
	}
	if c.TLS != nil {
		out.secured, out.tls = true, c.TLS.Outcome
	}
	return out
}

// slim returns what a conn has, as a connection.
func slim(c *flow.Conn) *flow.Conn {
	out := &flow.Conn{Authority: c.Authority, UpstreamProxy: c.UpstreamProxy, Start: c.Start}
	if w := c.Winner(); w != nil {
		out.Attempts = []flow.DialAttempt{{Addr: w.Addr, Outcome: w.Outcome, Start: w.Start, Took: w.Took}}
	}
	if c.TLS != nil {
		out.TLS = &flow.TLSInfo{Outcome: c.TLS.Outcome}
	}
	return out
}
