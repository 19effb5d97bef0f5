package dial

import (
	"net"
	"net/netip"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"

	"detour/internal/flow"
)

// sioTCPInfo is SIO_TCP_INFO (mstcpip.h): _WSAIORW(IOC_VENDOR, 39), since Windows 10 1703.
const sioTCPInfo = 0xD8000027

// tcpInfoV0 is TCP_INFO_v0 (mstcpip.h).
type tcpInfoV0 struct {
	State             uint32
	Mss               uint32
	ConnectionTimeMs  uint64
	TimestampsEnabled uint8
	RttUs             uint32
	MinRttUs          uint32
	BytesInFlight     uint32
	Cwnd              uint32
	SndWnd            uint32
	RcvWnd            uint32
	RcvBuf            uint32
	BytesOut          uint64
	BytesIn           uint64
	BytesReordered    uint32
	BytesRetrans      uint32
	FastRetrans       uint32
	DupAcksIn         uint32
	TimeoutEpisodes   uint32
	SynRetrans        uint8
}

// tcpInfo returns a socket's local address, and its state and how often it has retransmitted
// its SYN, if this Windows tells. Until ConnectEx is done, a socket has a port but no address.
func tcpInfo(fd uintptr, to netip.AddrPort) (netip.AddrPort, *flow.KernelTCP) {
	local := socketName(fd)
	if local.IsValid() && local.Addr().IsUnspecified() {
		local = netip.AddrPortFrom(sourceFor(to), local.Port()) // not valid without a source
	}
	var info tcpInfoV0
	var version, n uint32
	err := windows.WSAIoctl(windows.Handle(fd), sioTCPInfo, (*byte)(unsafe.Pointer(&version)), uint32(unsafe.Sizeof(version)),
		(*byte)(unsafe.Pointer(&info)), uint32(unsafe.Sizeof(info)), &n, nil, 0)
	if err != nil || n < uint32(unsafe.Sizeof(info)) {
		return local, nil
	}
	return local, info.kernel()
}

func (i tcpInfoV0) kernel() *flow.KernelTCP {
	k := &flow.KernelTCP{SYNRetransmits: int(i.SynRetrans)}
	switch i.State { // TCPSTATE
	case 0:
		k.State = "CLOSE"
	case 2:
		k.State = "SYN-SENT"
	case 4:
		k.State = "ESTABLISHED"
		k.RTT = time.Duration(i.RttUs) * time.Microsecond
	}
	return k
}

// socketName returns a socket's local address, or the zero value if it has no port yet.
func socketName(fd uintptr) netip.AddrPort {
	sa, err := windows.Getsockname(windows.Handle(fd))
	if err != nil {
		return netip.AddrPort{}
	}
	switch sa := sa.(type) {
	case *windows.SockaddrInet4:
		if sa.Port != 0 {
			return netip.AddrPortFrom(netip.AddrFrom4(sa.Addr), uint16(sa.Port)) //nolint:gosec // a port
		}
	case *windows.SockaddrInet6:
		if sa.Port != 0 {
			return netip.AddrPortFrom(netip.AddrFrom16(sa.Addr).Unmap(), uint16(sa.Port)) //nolint:gosec // a port
		}
	}
	return netip.AddrPort{}
}

// sourceFor is the address from which this machine sends to another; the zero value if it has
// no route. No packet is sent: to connect a UDP socket only chooses the route.
func sourceFor(to netip.AddrPort) netip.Addr {
	c, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(to))
	if err != nil {
		return netip.Addr{}
	}
	defer func() { _ = c.Close() }()
	return c.LocalAddr().(*net.UDPAddr).AddrPort().Addr().Unmap() //nolint:forcetypeassert // always one
}

// dupSocket never duplicates: the last sample before a failure has to do.
func dupSocket(uintptr) (dup uintptr, ok bool) { return 0, false }

func closeDup(uintptr) {}
