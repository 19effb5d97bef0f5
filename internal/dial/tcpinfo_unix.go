//go:build unix

package dial

import (
	"net/netip"

	"golang.org/x/sys/unix"
)

// keep gives a socket a number of its own, so that closing it by another leaves it
// to be looked at until release.
func keep(fd uintptr) (kept uintptr, ok bool) {
	n, err := unix.FcntlInt(fd, unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return 0, false
	}
	return uintptr(n), true
}

func release(fd uintptr) { _ = unix.Close(int(fd)) }

// socketName is a socket's own address; invalid as long as it has none.
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
