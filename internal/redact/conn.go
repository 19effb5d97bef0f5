package redact

import (
	"net/netip"
	"slices"

	"detour/internal/flow"
)

// conn redacts a connection. It returns c itself if that changes nothing: many flows
// share one.
func (p *pass) conn(c *flow.Conn) *flow.Conn {
	if c == nil || !p.changes(func(v visitor) { v.conn(c) }) {
		return c
	}
	out := cloneConn(c)
	p.writer().conn(out)
	return out
}

// call redacts an AWS call, and returns a itself if that changes nothing.
func (p *pass) call(a *flow.AWS) *flow.AWS {
	if a == nil || !p.changes(func(v visitor) { v.call(a) }) {
		return a
	}
	out := cloneCall(a)
	p.writer().call(out)
	return out
}

// changes reports whether redacting what visit shows changes any of it. Nothing is
// written, or counted.
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
