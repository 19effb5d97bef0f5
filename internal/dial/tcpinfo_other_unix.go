//go:build unix && !linux

package dial

import (
	"net/netip"

	"detour/internal/flow"
)

// inspect asks the kernel for a socket's address. Its account of the connect
// has no common form among these systems.
func inspect(fd uintptr) (netip.AddrPort, *flow.KernelTCP) {
	return socketName(int(fd)), nil
}
