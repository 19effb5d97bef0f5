package gather

import "strings"

// isTunnel reports whether an interface is a VPN's, by its name or because it is
// point-to-point.
func isTunnel(name string, pointToPoint bool) bool {
	name = strings.ToLower(name)
	for _, prefix := range []string{"tun", "tap", "utun", "ppp", "wg", "ipsec", "gpd", "cscotun", "tailscale", "zt", "nordlynx"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	for _, word := range []string{
		"vpn", "wireguard", "anyconnect", "globalprotect", "pangp", "juniper", "pulse", "zscaler", "wintun", "fortinet", "tailscale",
	} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return pointToPoint
}
