package machine

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"testing"
)

func route(p, by string) Route { return Route{netip.MustParsePrefix(p), by} }

func TestProcRoutes_readsTheKernelsTable(t *testing.T) {
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		t.Skip("the file is as a little-endian machine has it")
	}
	const table = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n" +
		"v0\t00000000\t0109A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n" +
		"tun0\t0000140A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n" +
		"tun0\t000014AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n" +
		"*\t0000150A\t00000000\t0201\t0\t0\t0\t0000FFFF\t0\t0\t0\n" + // unreachable
		"torn\t0000140A\n"
	want := []Route{route("0.0.0.0/0", "v0"), route("10.20.0.0/16", "tun0"), route("172.20.0.0/16", "tun0")}
	if got := procRoutes(table); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	const table6 = "fd000001000000000000000000000000 30 00000000000000000000000000000000 00 00000000000000000000000000000000 00000400 00000001 00000000 00000001     tun0\n" +
		"fd000001000000000000000000000005 80 00000000000000000000000000000000 00 00000000000000000000000000000000 00000000 00000002 00000000 80200001     tun0\n" + // our own
		"00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo\n"
	if got, want := procRoutes6(table6), []Route{route("fd00:1::/48", "tun0")}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestNetstatRoutes_readsMacOSsShortAddresses(t *testing.T) {
	const printed = `Routing tables

Internet:
Destination        Gateway            Flags               Netif Expire
default            192.168.1.1        UGScg                 en0
10                 10.8.0.1           UGSc                utun4
10.20/16           utun4              USc                 utun4
172.20             utun4              USc                 utun4
10.20.0.5          utun4              UHS                 utun4
192.168.1.1/32     link#11            UCS                   en0      !

Internet6:
Destination                             Gateway                         Flags               Netif Expire
fd00:1::/64                             fe80::%utun4                    Uc                  utun4
fe80::%utun4/64                         fe80::1%utun4                   UcI                 utun4
`
	want := []Route{
		route("10.0.0.0/8", "utun4"), route("10.20.0.0/16", "utun4"), route("172.20.0.0/16", "utun4"), route("10.20.0.5/32", "utun4"),
		route("192.168.1.1/32", "en0"), route("fd00:1::/64", "utun4"),
	}
	got := slices.DeleteFunc(netstatRoutes(printed), func(r Route) bool { return r.Range.Addr().IsLinkLocalUnicast() })
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
