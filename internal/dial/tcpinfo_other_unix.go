//go:build unix && !linux

package dial

import (
	"net/netip"

	"detour/internal/flow"
)

// tcpInfo returns a socket's local address, and nothing of its SYNs: macOS counts only
// retransmissions of data for others to read (TCP_CONNECTION_INFO; tcp_output.c in XNU), so a
// SYN would seem to have been sent once. The other systems have no common form of TCP_INFO.
func tcpInfo(fd uintptr, _ netip.AddrPort) (netip.AddrPort, *flow.KernelTCP) {
	return socketName(int(fd)), nil
}
