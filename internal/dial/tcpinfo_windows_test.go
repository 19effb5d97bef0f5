package dial

import (
	"net/netip"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"

	"detour/internal/flow"
)

func TestTCPInfo_aSocketThatConnectsHasTheAddressItSendsFrom(t *testing.T) {
	fd, err := windows.Socket(windows.AF_INET, windows.SOCK_STREAM, windows.IPPROTO_TCP)
	if err != nil {
		t.Fatal(err)
	}
	defer windows.Closesocket(fd)
	to := netip.MustParseAddrPort("127.0.0.1:443")
	if local, _ := tcpInfo(uintptr(fd), to); local.IsValid() {
		t.Errorf("before it has a port, it has %s", local)
	}
	if err := windows.Bind(fd, &windows.SockaddrInet4{}); err != nil { // as net does before ConnectEx
		t.Fatal(err)
	}
	local, _ := tcpInfo(uintptr(fd), to)
	if local.Addr() != to.Addr() || local.Port() == 0 {
		t.Errorf("it has %s", local)
	}
	if got := sourceFor(netip.MustParseAddrPort("[100::1]:9")); got.Is4() { // RFC 6666: discarded
		t.Errorf("an IPv6 destination is reached from %s", got)
	}
}

func TestTCPInfoV0_isLaidOutAsWindowsHasIt(t *testing.T) {
	if n := unsafe.Sizeof(tcpInfoV0{}); n != 88 {
		t.Errorf("it has %d bytes", n)
	}
	if at := unsafe.Offsetof(tcpInfoV0{}.SynRetrans); at != 84 {
		t.Errorf("SynRetrans is at %d", at)
	}
	for want, info := range map[flow.KernelTCP]tcpInfoV0{
		{State: "SYN-SENT", SYNRetransmits: 2}:            {State: 2, SynRetrans: 2, RttUs: 7},
		{State: "ESTABLISHED", RTT: 7 * time.Microsecond}: {State: 4, RttUs: 7},
		{State: "CLOSE", SYNRetransmits: 3}:               {State: 0, SynRetrans: 3},
		{State: ""}:                                       {State: 5},
	} {
		if got := *info.kernel(); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
}
