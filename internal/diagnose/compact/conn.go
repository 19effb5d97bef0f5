package compact

import (
	"net/netip"
	"time"

	"detour/internal/flow"
)

// A conn is what tells connections of plain flows apart.
type conn struct {
	way
	start, dialed time.Time
	took          time.Duration
}

// A way is what connections to the same server have in common.
type way struct {
	authority, proxy string
	won              bool // an address accepted it, or reset it afterwards
	addr             netip.AddrPort
	outcome          flow.DialOutcome
	secured          bool // TLS began
	tls              flow.TLSOutcome
}

func connOf(c *flow.Conn) conn {
	out := conn{way: way{authority: c.Authority, proxy: c.UpstreamProxy}, start: c.Start}
	if w := c.Winner(); w != nil {
		out.won, out.addr, out.outcome, out.dialed, out.took = true, w.Addr, w.Outcome, w.Start, w.Took
	}
	if c.TLS != nil {
		out.secured, out.tls = true, c.TLS.Outcome
	}
	return out
}

// at returns what a conn has, as a connection.
func (c conn) at() *flow.Conn {
	out := &flow.Conn{Authority: c.authority, UpstreamProxy: c.proxy, Start: c.start}
	if c.won {
		out.Attempts = []flow.DialAttempt{{Addr: c.addr, Outcome: c.outcome, Start: c.dialed, Took: c.took}}
	}
	if c.secured {
		out.TLS = &flow.TLSInfo{Outcome: c.tls}
	}
	return out
}

// maxConns limits the connections that are kept to be used again. A capture has few; in a HAR, which
// doesn't tell them apart, each flow has one of its own, whose times are then written with the flow.
const maxConns = 4096

// conn writes the connection of a flow that began at an instant.
func (c *Flows) conn(of conn, at int64) {
	n, known := c.conns[of]
	switch {
	case known:
		c.write(1 + n)
	case len(c.conns) < maxConns || !of.dialed.IsZero() && !exact(of.dialed):
		n, _ = c.conns.of(of)
		c.over = append(c.over, of.at())
		c.write(1 + n)
	default:
		n, added := c.ways.of(of.way)
		if added {
			c.by = append(c.by, conn{way: of.way}.at())
		}
		c.write(0, n, zigzag(of.start.UnixNano()-at), since(of.dialed, at), zigzag(int64(of.took)))
	}
}

// connAt reads the connection of a flow that began at an instant.
func (c *Flows) connAt(at int64, next func() uint64) *flow.Conn {
	if n := next(); n > 0 {
		return c.over[n-1]
	}
	out := *c.by[next()]
	out.Start = instant(at + unzigzag(next()))
	dialed, took := after(at, next()), time.Duration(unzigzag(next()))
	if len(out.Attempts) > 0 {
		w := out.Attempts[0]
		w.Start, w.Took = dialed, took
		out.Attempts = []flow.DialAttempt{w}
	}
	return &out
}
