package machine

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// A Route is a line of the routing table. Interface is the interface's name.
type Route struct {
	Range     netip.Prefix
	Interface string
}

// maxTable bounds the routes that are read: a VPN may add thousands.
const maxTable = 20_000

// RoutingTable returns the system's routing table; nil if it can't be read. Only where the
// system's programs alone can read it is one of them run.
func RoutingTable(ctx context.Context) []Route {
	out := systemRoutes(ctx)
	return out[:min(len(out), maxTable)]
}

// Flags of routes: up, unreachable, and to this machine itself (linux/route.h,
// linux/ipv6_route.h).
const (
	rtfUp     = 0x0001
	rtfReject = 0x0200
	rtfLocal  = 0x80000000
)

// procRoutes reads /proc/net/route, whose numbers are in the machine's byte order.
func procRoutes(file string) (out []Route) {
	number := func(s string) (a netip.Addr, ok bool) {
		n, err := strconv.ParseUint(s, 16, 32)
		var b [4]byte
		binary.NativeEndian.PutUint32(b[:], uint32(n))
		return netip.AddrFrom4(b), err == nil
	}
	for line := range strings.Lines(file) {
		f := strings.Fields(line)
		if len(f) < 8 {
			continue
		}
		to, isAddr := number(f[1])
		mask, isMask := number(f[7])
		flags, err := strconv.ParseUint(f[3], 16, 32)
		if !isAddr || !isMask || err != nil || flags&rtfUp == 0 || flags&rtfReject != 0 {
			continue
		}
		out = appendRoute(out, to, ones(mask), f[0])
	}
	return out
}

// procRoutes6 reads /proc/net/ipv6_route.
func procRoutes6(file string) (out []Route) {
	for line := range strings.Lines(file) {
		f := strings.Fields(line)
		if len(f) < 10 {
			continue
		}
		b, err := hex.DecodeString(f[0])
		bits, berr := strconv.ParseUint(f[1], 16, 8)
		flags, ferr := strconv.ParseUint(f[8], 16, 32)
		to, ok := netip.AddrFromSlice(b)
		if err != nil || berr != nil || ferr != nil || !ok || flags&rtfUp == 0 || flags&(rtfReject|rtfLocal) != 0 {
			continue
		}
		out = appendRoute(out, to, int(bits), f[9])
	}
	return out
}

// netstatRoutes reads what netstat -rn prints on macOS and the BSDs, which leave
// out the zeros at an address's end: 10.20/16, and 172.20 for 172.20.0.0/16.
func netstatRoutes(printed string) (out []Route) {
	at := -1
	for line := range strings.Lines(printed) {
		f := strings.Fields(line)
		if i := slices.Index(f, "Netif"); i > 0 {
			at = i
			continue
		}
		if at < 0 || len(f) <= at {
			continue
		}
		if p, ok := shortPrefix(f[0]); ok {
			out = append(out, Route{p, f[at]})
		}
	}
	return out
}

func shortPrefix(s string) (p netip.Prefix, ok bool) {
	addr, length, hasLength := strings.Cut(s, "/")
	addr, _, _ = strings.Cut(addr, "%")
	four := !strings.Contains(addr, ":")
	bits := 128
	if four {
		parts := strings.Count(addr, ".") + 1
		bits = 8 * parts
		addr += strings.Repeat(".0", max(0, 4-parts))
	}
	if hasLength {
		n, err := strconv.Atoi(length)
		if err != nil {
			return p, false
		}
		bits = n
	}
	a, err := netip.ParseAddr(addr)
	if err != nil {
		return p, false // "default", or a heading
	}
	p, err = a.Prefix(bits)
	return p, err == nil
}

// ones counts the leading ones of an IPv4 mask.
func ones(mask netip.Addr) (n int) {
	for _, b := range mask.As4() {
		for ; b&0x80 != 0; b <<= 1 {
			n++
		}
	}
	return n
}

func appendRoute(list []Route, to netip.Addr, bits int, by string) []Route {
	p, err := to.Prefix(bits)
	if err != nil {
		return list
	}
	return append(list, Route{p, by})
}
