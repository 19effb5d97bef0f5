package redact

import (
	"net/netip"
	"sync"

	"detour/internal/flow"
)

// maxAddresses bounds the addresses that are remembered.
const maxAddresses = 1 << 16

// addresses stands others in for private addresses, of the same scope, so that
// findings which rest on it still hold. A stand-in is left as it is.
type addresses struct {
	mu   sync.Mutex
	made map[netip.Addr]netip.Addr // of an address
	own  map[netip.Addr]bool       // stand-ins
}

// standIn is the address for a, which it is itself if it isn't private. hash is of a.
func (s *addresses) standIn(a netip.Addr, hash uint64) netip.Addr {
	a = a.Unmap().WithZone("")
	if !flow.ScopeOf(a).InVPC() {
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
	out := another(a, hash)
	for s.own[out] || out == a {
		hash++
		out = another(a, hash)
	}
	s.made[a], s.own[out] = out, true
	return out
}

// another is an address of a's block: 10/8, 172.16/12, 192.168/16, 100.64/10 or fd00/8.
func another(a netip.Addr, hash uint64) netip.Addr {
	if a.Is6() {
		b := a.As16()
		for i := 1; i < len(b); i++ {
			b[i] = byte(hash >> (i * 5 % 40)) // it has forty bits
		}
		return netip.AddrFrom16(b)
	}
	b := a.As4()
	h := uint32(hash ^ hash>>32) //nolint:gosec // its low bits
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

// address is a, or strictly what stands in for it.
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
