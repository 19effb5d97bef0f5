package resolve

import (
	"net/netip"
	"slices"
	"unsafe"

	"golang.org/x/sys/windows"
)

// adapterBytes is the initial size that Microsoft recommends for GetAdaptersAddresses.
const adapterBytes = 15 << 10

// Servers returns the nameservers of the adapters that are up, in order. Which of them
// Windows asks for a name also depends on its policy table, to which VPNs add. Windows has
// no stub, so behind is nil.
func Servers() (asked, behind []netip.AddrPort, err error) {
	const flags = windows.GAA_FLAG_SKIP_UNICAST | windows.GAA_FLAG_SKIP_ANYCAST | windows.GAA_FLAG_SKIP_MULTICAST
	size := uint32(adapterBytes)
	for range 3 { // adapters may change meanwhile
		buf := make([]byte, size)
		first := (*windows.IpAdapterAddresses)(unsafe.Pointer(&buf[0])) //nolint:gosec // the call's own form
		err := windows.GetAdaptersAddresses(windows.AF_UNSPEC, flags, 0, first, &size)
		if err == nil {
			return adapterServers(first), nil, nil
		}
		if err != windows.ERROR_BUFFER_OVERFLOW { //nolint:errorlint // an errno, never wrapped
			return nil, nil, err
		}
	}
	return nil, nil, windows.ERROR_BUFFER_OVERFLOW
}

func adapterServers(a *windows.IpAdapterAddresses) (out []netip.AddrPort) {
	for ; a != nil; a = a.Next {
		if a.OperStatus != windows.IfOperStatusUp {
			continue
		}
		for s := a.FirstDnsServerAddress; s != nil; s = s.Next {
			ip, ok := netip.AddrFromSlice(s.Address.IP())
			if ok && !ip.Unmap().IsLinkLocalUnicast() {
				if at := netip.AddrPortFrom(ip.Unmap(), 53); !slices.Contains(out, at) {
					out = append(out, at)
				}
			}
		}
	}
	return out
}
