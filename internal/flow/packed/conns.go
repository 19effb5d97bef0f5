package packed

import (
	"net/netip"
	"reflect"

	"detour/internal/flow"
)

// How a connection is written: not at all, in bytes, or as its number, from sharedConn on.
const (
	noConn uint64 = iota
	packedConn
	sharedConn
)

// conns has the connections that can't be packed, each once.
type conns struct {
	list []*flow.Conn
	last map[flow.ID]int // of each ID
}

// of returns the number of a connection, which must not change any more.
func (s *conns) of(c *flow.Conn) uint64 {
	n, known := s.last[c.ID]
	if !known || !reflect.DeepEqual(s.list[n], c) {
		if s.last == nil {
			s.last = make(map[flow.ID]int)
		}
		n = len(s.list)
		s.list = append(s.list, c)
		s.last[c.ID] = n
	}
	return uint64(n) //nolint:gosec // a count
}

// A restConn is what is left of a connection.
type restConn struct {
	conn       flow.Conn
	resolution flow.Resolution
	attempt    flow.DialAttempt
	tls        flow.TLSInfo
}

func (e *encoder) conn(c *flow.Conn) {
	if c == nil {
		e.number(noConn)
		return
	}
	begin, rest := len(e.out), restConn{conn: *c}
	e.number(packedConn)
	e.connParts(&rest)
	if e.odd || !reflect.ValueOf(&rest).Elem().IsZero() {
		e.out, e.odd = e.out[:begin], false
		e.number(sharedConn + e.conns.of(c))
	}
}

func (e *encoder) connParts(rest *restConn) {
	c := &rest.conn
	e.number(uint64(c.ID))
	c.ID = 0
	word(e, &c.Authority)
	word(e, &c.UpstreamProxy)
	e.instant(&c.Start)
	if e.has(c.Resolution != nil) {
		rest.resolution, c.Resolution = *c.Resolution, nil
		e.resolution(&rest.resolution)
	}
	if e.odd = e.odd || len(c.Attempts) > 1; e.has(len(c.Attempts) > 0) {
		rest.attempt, c.Attempts = c.Attempts[0], nil
		a := &rest.attempt
		word(e, &a.Outcome)
		e.address(a.Addr)
		e.instant(&a.Start)
		e.signed(int64(a.Took))
		a.Addr, a.Took = netip.AddrPort{}, 0
	}
	if e.has(c.TLS != nil) {
		rest.tls, c.TLS = *c.TLS, nil
		t := &rest.tls
		word(e, &t.Outcome)
		word(e, &t.ServerName)
		e.instant(&t.Start)
		e.signed(int64(t.Took))
		t.Took = 0
	}
}

func (e *encoder) resolution(r *flow.Resolution) {
	word(e, &r.Name)
	word(e, &r.Outcome)
	word(e, &r.Source)
	e.instant(&r.Start)
	e.signed(int64(r.Took))
	if e.has(r.Addrs != nil) {
		e.number(uint64(len(r.Addrs)))
		for _, a := range r.Addrs {
			e.address(netip.AddrPortFrom(a, 0))
		}
	}
	r.Took, r.Addrs = 0, nil
}

func (d *decoder) conn() *flow.Conn {
	switch n := d.number(); n {
	case noConn:
		return nil
	case packedConn:
	default:
		return d.conns[n-sharedConn]
	}
	c := &flow.Conn{ID: flow.ID(d.number())}
	readWord(d, &c.Authority)
	readWord(d, &c.UpstreamProxy)
	c.Start = d.instant()
	if d.has() {
		r := &flow.Resolution{}
		readWord(d, &r.Name)
		readWord(d, &r.Outcome)
		readWord(d, &r.Source)
		r.Start, r.Took = d.instant(), d.duration()
		if d.has() {
			r.Addrs = make([]netip.Addr, d.number())
			for i := range r.Addrs {
				r.Addrs[i] = d.address().Addr()
			}
		}
		c.Resolution = r
	}
	if d.has() {
		a := flow.DialAttempt{}
		readWord(d, &a.Outcome)
		a.Addr, a.Start, a.Took = d.address(), d.instant(), d.duration()
		c.Attempts = []flow.DialAttempt{a}
	}
	if d.has() {
		t := &flow.TLSInfo{}
		readWord(d, &t.Outcome)
		readWord(d, &t.ServerName)
		t.Start, t.Took = d.instant(), d.duration()
		c.TLS = t
	}
	return c
}
