package dial

import (
	"net/netip"

	"detour/internal/flow"
)

// inspect has nothing to say: Windows tells a socket's address only once
// ConnectEx is over.
func inspect(uintptr) (netip.AddrPort, *flow.KernelTCP) {
	return netip.AddrPort{}, nil
}

// keep has nothing to look at later.
func keep(uintptr) (kept uintptr, ok bool) { return 0, false }

func release(uintptr) {}
