package machine

import (
	"context"
	"net"
	"net/netip"
	"unsafe"

	"golang.org/x/sys/windows"
)

// systemRoutes reads the table through the system's own call, for both families: what route
// prints is in the user's language.
func systemRoutes(context.Context) (out []Route) {
	var table *windows.MibIpForwardTable2
	if err := windows.GetIpForwardTable2(windows.AF_UNSPEC, &table); err != nil {
		return nil
	}
	defer windows.FreeMibTable(unsafe.Pointer(table))
	names := make(map[uint32]string)
	list, _ := net.Interfaces()
	for _, i := range list {
		names[uint32(i.Index)] = i.Name //nolint:gosec // Windows' own, of 32 bits
	}
	for _, row := range table.Rows() {
		to, ok := prefixAddr(&row.DestinationPrefix.Prefix)
		if ok && !to.IsMulticast() && row.Loopback == 0 {
			out = appendRoute(out, to, int(row.DestinationPrefix.PrefixLength), names[row.InterfaceIndex])
		}
	}
	return out
}

// prefixAddr is the address of a SOCKADDR_INET, of either family.
func prefixAddr(sa *windows.RawSockaddrInet) (netip.Addr, bool) {
	switch sa.Family {
	case windows.AF_INET:
		return netip.AddrFrom4((*windows.RawSockaddrInet4)(unsafe.Pointer(sa)).Addr), true
	case windows.AF_INET6:
		return netip.AddrFrom16((*windows.RawSockaddrInet6)(unsafe.Pointer(sa)).Addr), true
	}
	return netip.Addr{}, false
}
