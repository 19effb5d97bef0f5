package dial

import (
	"net/netip"

	"golang.org/x/sys/unix"

	"detour/internal/flow"
)

// inspect asks the kernel for a socket's address and, by TCP_INFO (tcp(7)), for
// how often it has sent its SYN again.
func inspect(fd uintptr) (netip.AddrPort, *flow.KernelTCP) {
	local := socketName(int(fd))
	info, err := unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO)
	if err != nil {
		return local, nil
	}
	return local, &flow.KernelTCP{SYNRetransmits: int(info.Total_retrans)}
}
