package netif

import (
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"detour/internal/flow"
)

// sysNet is where Linux describes its interfaces (sysfs-class-net).
const sysNet = "/sys/class/net"

// Hardware types that identify a kind of interface (linux/if_arp.h).
const (
	arpLoopback = 772
	arpPPP      = 512
	arpNone     = 65534 // WireGuard, tun: no link layer
)

// systemKind reads the kind of an interface from sysfs, which has no description.
func systemKind(i net.Interface) (kind flow.InterfaceKind, description string) {
	return kindIn(filepath.Join(sysNet, filepath.Base(i.Name))), ""
}

func kindIn(dir string) flow.InterfaceKind {
	has := func(file string) bool {
		_, err := os.Stat(filepath.Join(dir, file))
		return err == nil
	}
	b, err := os.ReadFile(filepath.Join(dir, "type"))
	if err != nil {
		return ""
	}
	kind, _ := strconv.Atoi(strings.TrimSpace(string(b)))
	switch {
	case kind == arpLoopback:
		return flow.KindLoopback
	case has("tun_flags"), kind == arpNone, kind == arpPPP:
		return flow.KindTunnel
	case has("wireless"), has("phy80211"):
		return flow.KindWiFi
	case has("device"):
		return flow.KindEthernet
	}
	return flow.KindVirtual
}
