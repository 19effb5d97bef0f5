// Package ranges divides ranges of addresses ([Divide]) and joins them ([Joined]).
package ranges

import (
	"net/netip"
	"slices"
)

// Divide returns q, which is inside of p, and the prefixes that make up the rest of p, in order.
func Divide(p, q netip.Prefix) []netip.Prefix {
	if q.Bits() <= p.Bits() {
		return []netip.Prefix{p}
	}
	low, high := halves(p)
	if low.Contains(q.Addr()) {
		return append(Divide(low, q), high)
	}
	return append([]netip.Prefix{low}, Divide(high, q)...)
}

func halves(p netip.Prefix) (low, high netip.Prefix) {
	bits := p.Bits() + 1
	low = netip.PrefixFrom(p.Addr(), bits)
	b := p.Addr().AsSlice()
	b[(bits-1)/8] |= 0x80 >> ((bits - 1) % 8)
	a, _ := netip.AddrFromSlice(b)
	return low, netip.PrefixFrom(a, bits)
}

// Joined are the largest prefixes that make up what prefixes do that don't overlap, in order.
func Joined(all []netip.Prefix) (out []netip.Prefix) {
	slices.SortFunc(all, func(a, b netip.Prefix) int { return a.Addr().Compare(b.Addr()) })
	for _, p := range all {
		out = append(out, p)
		for len(out) > 1 {
			low, high := out[len(out)-2], out[len(out)-1]
			if low.Bits() == 0 || low.Bits() != high.Bits() {
				break
			}
			both := netip.PrefixFrom(low.Addr(), low.Bits()-1).Masked()
			if both.Addr() != low.Addr() || !both.Contains(high.Addr()) {
				break
			}
			out = append(out[:len(out)-2], both)
		}
	}
	return out
}
