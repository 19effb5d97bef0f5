package dial

import (
	"net/netip"
	"time"

	"golang.org/x/sys/unix"

	"detour/internal/flow"
)

// tcpInfo returns a socket's local address and, from TCP_INFO (tcp(7)), its state
// and how often it has retransmitted its SYN.
func tcpInfo(fd uintptr, _ netip.AddrPort) (netip.AddrPort, *flow.KernelTCP) {
	local := socketName(int(fd))
	info, err := unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO)
	if err != nil {
		return local, nil
	}
	k := &flow.KernelTCP{SYNRetransmits: int(info.Total_retrans), State: stateName(info.State)}
	if info.State == unix.BPF_TCP_ESTABLISHED {
		k.RTT = time.Duration(info.Rtt) * time.Microsecond
	}
	return local, k
}

// stateName returns the name of a TCP state that can occur during a connect.
func stateName(s uint8) string {
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
