package doctor

import (
	"fmt"
	"strings"
)

// ReadHosts returns the lines of a hosts file whose names wanted accepts.
func ReadHosts(path, text string, wanted func(name string) bool) (out []HostsLine) {
	n := 0
	for line := range strings.Lines(text) {
		n++
		line, _, _ = strings.Cut(line, "#")
		f := strings.Fields(line)
		for i, name := range f {
			if name = strings.TrimSuffix(strings.ToLower(name), "."); i > 0 && wanted(name) {
				out = append(out, HostsLine{Where: fmt.Sprintf("%s:%d", path, n), Addr: f[0], Name: name})
			}
		}
	}
	return out
}

// Tunnel reports whether an interface is a VPN's, by its name or because it leads
// to one other end only.
func Tunnel(name string, pointToPoint bool) bool {
	name = strings.ToLower(name)
	for _, prefix := range []string{"tun", "tap", "utun", "ppp", "wg", "ipsec", "gpd", "cscotun", "tailscale", "zt", "nordlynx"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	for _, word := range []string{"vpn", "wireguard", "anyconnect", "globalprotect", "pangp", "juniper", "pulse", "zscaler", "wintun", "fortinet", "tailscale"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return pointToPoint
}
