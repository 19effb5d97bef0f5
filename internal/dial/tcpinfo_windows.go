package dial

import (
	"net/netip"

	"detour/internal/flow"
)

// tcpInfo returns nothing: on Windows, a socket has no local address before
// ConnectEx is done.
func tcpInfo(uintptr) (netip.AddrPort, *flow.KernelTCP) {
	return netip.AddrPort{}, nil
}

// dupSocket never duplicates: tcpInfo would return nothing.
func dupSocket(uintptr) (dup uintptr, ok bool) { return 0, false }

func closeDup(uintptr) {}
