//go:build unix

package dial

import (
	"net/netip"

	"golang.org/x/sys/unix"
)

// dupSocket duplicates a socket's descriptor. The socket can then be sampled after
// net has closed its own, until closeDup.
func dupSocket(fd uintptr) (dup uintptr, ok bool) {
	n, err := unix.FcntlInt(fd, unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return 0, false
	}
	return uintptr(n), true
}

func closeDup(fd uintptr) { _ = unix.Close(int(fd)) }

// socketName returns a socket's local address, or the zero value if it has none yet.
func socketName(fd int) netip.AddrPort {
	sa, err := unix.Getsockname(fd)
	if err != nil {
		return netip.AddrPort{}
	}
	switch sa := sa.(type) {
	case *unix.SockaddrInet4:
		if sa.Port != 0 {
			return netip.AddrPortFrom(netip.AddrFrom4(sa.Addr), uint16(sa.Port))
		}
	case *unix.SockaddrInet6:
		if sa.Port != 0 {
			return netip.AddrPortFrom(netip.AddrFrom16(sa.Addr).Unmap(), uint16(sa.Port))
		}
	}
	return netip.AddrPort{}
}
