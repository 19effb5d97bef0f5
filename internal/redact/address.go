package redact

import (
	"net/netip"
	"sync"

	"detour/internal/flow"
)

// maxAddresses limits the addresses that are remembered.
const maxAddresses = 1 << 16

// maxTries limits the search for a stand-in that nothing has yet: a block may be used up, and
// then two addresses share one.
const maxTries = 1000

// addresses maps private addresses to others of the same scope, so findings that depend on
// the scope stay valid. A stand-in isn't replaced again.
type addresses struct {
	mu   sync.Mutex
	made map[netip.Addr]netip.Addr // stand-ins by address
	own  map[netip.Addr]bool       // stand-ins
}

// identifies reports whether an address has a stand-in, whosever it is: if it is private, or an
// IPv6 address of a link, which may have the machine's MAC address in it.
func identifies(a netip.Addr) bool {
	scope := flow.ScopeOf(a)
	return scope.InVPC() || scope == flow.ScopeLinkLocal && a.Is6()
}

// standIn returns the stand-in for a. hash is the hash of a.
func (s *addresses) standIn(a netip.Addr, hash uint64) netip.Addr {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.own[a] {
		return a
	}
	if known, ok := s.made[a]; ok {
		return known
	}
	if s.made == nil || len(s.made) >= maxAddresses {
		s.made, s.own = make(map[netip.Addr]netip.Addr), make(map[netip.Addr]bool)
	}
	out := inSameBlock(a, hash)
	taken := func() bool { return s.own[out] || s.made[out].IsValid() } // what has a stand-in isn't one
	for try := 0; try < maxTries && (taken() || out == a || flow.ScopeOf(out) != flow.ScopeOf(a)); try++ {
		hash += 0x9e3779b9 // any odd number
		out = inSameBlock(a, hash)
	}
	s.made[a], s.own[out] = out, true
	return out
}

// inSameBlock returns an address of a's block: 10/8, 172.16/12, 192.168/16, 100.64/10, fd00/8,
// fe80/64; for public ones 2001:db8/32, or the /8 of which a is.
func inSameBlock(a netip.Addr, hash uint64) netip.Addr {
	if a.Is6() {
		b, from := a.As16(), 1
		switch flow.ScopeOf(a) { //nolint:exhaustive // the others differ from the second byte on
		case flow.ScopePrivate, flow.ScopeCGNAT: // an IPv4 address by NAT64
			inner := inSameBlock(netip.AddrFrom4([4]byte(b[12:])), hash).As4()
			copy(b[12:], inner[:])
			from = len(b)
		case flow.ScopeLinkLocal:
			from = 8
		case flow.ScopePublic:
			copy(b[:], []byte{0x20, 0x01, 0x0d, 0xb8})
			from = 4
		}
		for i := from; i < len(b); i++ {
			b[i] = byte(hash >> (i * 5 % 40)) // hash has 40 bits
		}
		return netip.AddrFrom16(b)
	}
	b := a.As4()
	h := uint32(hash ^ hash>>32) //nolint:gosec // the low bits
	switch scope := flow.ScopeOf(a); {
	case scope == flow.ScopePublic:
		b[1] = byte(h >> 16)
	case b[0] == 172:
		b[1] = 16 + byte(h>>16)&15
	case b[0] == 100:
		b[1] = 64 + byte(h>>16)&63
	case b[0] == 10:
		b[1] = byte(h >> 16)
	}
	b[2], b[3] = byte(h>>8), 1+byte(h)%254
	return netip.AddrFrom4(b)
}

// address returns a, or its stand-in if redaction is strict and a identifies somebody.
func (p *pass) address(a netip.Addr) netip.Addr {
	if p.opt.Fleet {
		return server(p, a)
	}
	if !identifies(a.Unmap()) {
		return a
	}
	return p.own(a)
}

// own is address for an address of the machine, which may be public.
func (p *pass) own(a netip.Addr) netip.Addr {
	if scope := flow.ScopeOf(a); !p.opt.Strict || scope == flow.ScopeLoopback || scope == flow.ScopeUnspecified {
		return a
	}
	plain := a.Unmap().WithZone("")
	out := network(plain)
	if !p.opt.Fleet {
		out = p.addresses.standIn(plain, p.digests.number(plain.String()))
	}
	if out == plain {
		return a
	}
	*p.tally.of("address")++
	p.opt.tell(out.String(), plain.String())
	return out
}

// tell reports what a stand-in stands for.
func (o *Options) tell(standIn, original string) {
	if o.StandIn != nil {
		o.StandIn(standIn, original)
	}
}
