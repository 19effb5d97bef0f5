//go:build !linux

package dial

import (
	"strings"

	"detour/internal/flow"
)

// interfaceKind guesses the kind of interface by its name: tunnels are utun on macOS,
// and adapters have descriptive names on Windows.
func interfaceKind(name string) flow.InterfaceKind {
	n := strings.ToLower(name)
	switch {
	case strings.HasPrefix(n, "lo"):
		return flow.KindLoopback
	case strings.HasPrefix(n, "utun"), strings.HasPrefix(n, "ppp"), strings.HasPrefix(n, "ipsec"),
		strings.Contains(n, "vpn"), strings.Contains(n, "wireguard"):
		return flow.KindTunnel
	case strings.Contains(n, "wi-fi"), strings.Contains(n, "wlan"):
		return flow.KindWiFi
	case strings.HasPrefix(n, "ethernet"):
		return flow.KindEthernet
	}
	return ""
}
