package redact

import (
	"net/netip"
	"slices"
	"sync/atomic"

	"detour/internal/flow"
)

// conn returns a redacted copy of a connection, or c itself if it has no secret: many flows
// share one.
func (p *pass) conn(c *flow.Conn) *flow.Conn {
	if c == nil || p.clean.has(c) {
		return c
	}
	if !p.changes(func(v visitor) { v.conn(c) }) {
		if !p.opt.Fleet { // whose an address is may be learned later
			p.clean.add(c)
		}
		return c
	}
	out := cloneConn(c)
	p.writer().conn(out)
	return out
}

// later returns a redacted copy.
func (p *pass) later(all []flow.Later) []flow.Later {
	out := slices.Clone(all)
	for i := range out {
		p.writer().later(&out[i])
	}
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
	probe := p.pass()
	visit(visitor{
		text:       func(s *string) { changed = changed || probe.foreign(*s) != *s },
		body:       func(s *string) { changed = changed || excerpt(probe, *s) != *s },
		nameserver: func(s *string) { changed = changed || probe.foreign(*s) != *s },
		address:    func(a *netip.Addr) { changed = changed || probe.address(*a) != *a },
		own:        func(a *netip.Addr) { changed = changed || probe.own(*a) != *a },
		headers:    func(hs *[]flow.Header) { changed = changed || !slices.Equal(probe.fields(*hs), *hs) },
		certName: func(by flow.Issuer, leaf bool, s *string) {
			changed = changed || certName(probe, by, leaf, *s) != *s
		},
	})
	return changed
}

func (p *pass) writer() visitor {
	return visitor{
		text:       func(s *string) { *s = p.foreign(*s) },
		body:       func(s *string) { *s = excerpt(p, *s) },
		nameserver: func(s *string) { *s = p.foreign(*s) },
		address:    func(a *netip.Addr) { *a = p.address(*a) },
		own:        func(a *netip.Addr) { *a = p.own(*a) },
		headers:    func(hs *[]flow.Header) { *hs = p.fields(*hs) },
		certName:   func(by flow.Issuer, leaf bool, s *string) { *s = certName(p, by, leaf, *s) },
	}
}

// connSet remembers connections without a secret: many flows share one, and a published
// connection doesn't change. It forgets one when another takes its place.
type connSet [256]atomic.Pointer[flow.Conn]

func (s *connSet) has(c *flow.Conn) bool { return s[c.ID%flow.ID(len(s))].Load() == c }

func (s *connSet) add(c *flow.Conn) { s[c.ID%flow.ID(len(s))].Store(c) }
