package redact

import (
	"net/netip"
	"sync"

	"detour/internal/flow"
)

// maxAddresses limits the addresses that are remembered.
const maxAddresses = 1 << 16

// addresses maps private addresses to others of the same scope, so findings that depend on
// the scope stay valid. A stand-in isn't replaced again.
type addresses struct {
	mu   sync.Mutex
	made map[netip.Addr]netip.Addr // stand-ins by address
	own  map[netip.Addr]bool       // stand-ins
}

// standIn returns the stand-in for a, or a if it isn't private. An IPv6 address of a link may
// have the machine's MAC address in it, so it has one, too. hash is the hash of a.
func (s *addresses) standIn(a netip.Addr, hash uint64) netip.Addr {
	a = a.Unmap().WithZone("")
	if scope := flow.ScopeOf(a); !scope.InVPC() && (scope != flow.ScopeLinkLocal || a.Is4()) {
		return a
	}
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
	for s.own[out] || out == a {
		hash++
		out = inSameBlock(a, hash)
	}
	s.made[a], s.own[out] = out, true
	return out
}

// inSameBlock returns an address of a's block: 10/8, 172.16/12, 192.168/16, 100.64/10, fd00/8 or
// fe80/64.
func inSameBlock(a netip.Addr, hash uint64) netip.Addr {
	if a.Is6() {
		b, from := a.As16(), 1
		if a.IsLinkLocalUnicast() {
			from = 8
		}
		for i := from; i < len(b); i++ {
			b[i] = byte(hash >> (i * 5 % 40)) // hash has 40 bits
		}
		return netip.AddrFrom16(b)
	}
	b := a.As4()
	h := uint32(hash ^ hash>>32) //nolint:gosec // the low bits
	switch b[0] {
	case 172:
		b[1] = 16 + byte(h>>16)&15
	case 100:
		b[1] = 64 + byte(h>>16)&63
	case 10:
		b[1] = byte(h >> 16)
	}
	b[2], b[3] = byte(h>>8), 1+byte(h)%254
	return netip.AddrFrom4(b)
}

// address returns a, or its stand-in if redaction is strict.
func (p *pass) address(a netip.Addr) netip.Addr {
	if !p.opt.Strict || !a.IsValid() {
		return a
	}
	out := p.addresses.standIn(a, p.digests.number(a.Unmap().String()))
	if out != a.Unmap() {
		*p.tally.of("address")++
	}
	return out
}
