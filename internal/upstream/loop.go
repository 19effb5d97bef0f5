package upstream

import (
	"net"
	"net/netip"
	"slices"
	"strings"

	"detour/internal/dial"
)

// pointsTo reports whether a proxy is the one that listens at self.
func pointsTo(p *dial.Proxy, self net.Addr) bool {
	own, ok := self.(*net.TCPAddr)
	host, port, err := net.SplitHostPort(p.Authority())
	return ok && err == nil && dial.ReachesListener(own, host, port)
}

// pointsToAddress is pointsTo for the host:port of a proxy on loopback.
func pointsToAddress(p *dial.Proxy, at string) bool {
	a, err := netip.ParseAddrPort(at)
	return err == nil && pointsTo(p, net.TCPAddrFromAddrPort(a))
}

// pointsToAny reports whether a proxy is one of those at these addresses.
func pointsToAny(p *dial.Proxy, running []string) bool {
	return slices.ContainsFunc(running, func(at string) bool { return pointsToAddress(p, at) })
}

// OnThisMachine reports whether a proxy is on loopback, as every detour is.
func OnThisMachine(p *dial.Proxy) bool {
	host, _, err := net.SplitHostPort(p.Authority())
	ip := net.ParseIP(host)
	return err == nil && (strings.EqualFold(host, "localhost") || ip != nil && (ip.IsLoopback() || ip.IsUnspecified()))
}
