package redact

import (
	"net/netip"
	"slices"

	"detour/internal/flow"
)

// conn returns a redacted copy of a connection, or c itself if it has no secret: many flows
// share one.
func (p *pass) conn(c *flow.Conn) *flow.Conn {
	if c == nil || !p.changes(func(v visitor) { v.conn(c) }) {
		return c
	}
	out := cloneConn(c)
	p.writer().conn(out)
	return out
}

// call returns a redacted copy of an AWS call, or a itself if it has no secret.
func (p *pass) call(a *flow.AWS) *flow.AWS {
	if a == nil || !p.changes(func(v visitor) { v.call(a) }) {
		return a
	}
	out := cloneCall(a)
	p.writer().call(out)
	return out
}

// changes reports whether redaction would change anything that visit shows. It writes and
// counts nothing.
func (p *pass) changes(visit func(visitor)) bool {
	changed := false
	probe := p.pass(nil)
	visit(visitor{
		text:    func(s *string) { changed = changed || probe.foreign(*s) != *s },
		address: func(a *netip.Addr) { changed = changed || probe.address(*a) != *a },
		headers: func(hs *[]flow.Header) { changed = changed || !slices.Equal(probe.fields(*hs), *hs) },
	})
	return changed
}

func (p *pass) writer() visitor {
	return visitor{
		text:    func(s *string) { *s = p.foreign(*s) },
		address: func(a *netip.Addr) { *a = p.address(*a) },
		headers: func(hs *[]flow.Header) { *hs = p.fields(*hs) },
	}
}
