package dial

import (
	"net/netip"
	"time"

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
	k := &flow.KernelTCP{SYNRetransmits: int(info.Total_retrans), State: state(info.State)}
	if info.State == unix.BPF_TCP_ESTABLISHED {
		k.RTT = time.Duration(info.Rtt) * time.Microsecond
	}
	return local, k
}

// state is the name of a connection's state that can occur while it is made.
func state(s uint8) string {
	switch s {
	case unix.BPF_TCP_ESTABLISHED:
		return "ESTABLISHED"
	case unix.BPF_TCP_SYN_SENT:
		return "SYN-SENT"
	case unix.BPF_TCP_CLOSE:
		return "CLOSE"
	}
	return ""
}
