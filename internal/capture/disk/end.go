package disk

import "detour/internal/flow"

// An end has the columns that say how a connection ended.
type end struct{ dns, tcp, tls, address, scope string }

func endOf(c *flow.Conn) (e end) {
	if c.Resolution != nil {
		e.dns = string(c.Resolution.Outcome)
	}
	if a := c.Decisive(); a != nil {
		e.tcp = string(a.Outcome)
		if a.Addr.IsValid() {
			e.address, e.scope = a.Addr.String(), string(flow.ScopeOf(a.Addr.Addr()))
		}
	}
	if c.TLS != nil {
		e.tls = string(c.TLS.Outcome)
	}
	return e
}

// ends remembers the ends of connections: many flows share one, and a published connection
// doesn't change. It forgets one when another takes its place.
type ends [64]struct {
	conn *flow.Conn
	end
}

func (e *ends) of(c *flow.Conn) end {
	at := &e[c.ID%flow.ID(len(e))]
	if at.conn != c {
		at.conn, at.end = c, endOf(c)
	}
	return at.end
}
