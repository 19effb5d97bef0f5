//go:build unix && !linux

package dial

import (
	"net/netip"

	"detour/internal/flow"
)

// tcpInfo returns a socket's local address. These systems have no common form of
// TCP_INFO.
func tcpInfo(fd uintptr) (netip.AddrPort, *flow.KernelTCP) {
	return socketName(int(fd)), nil
}
