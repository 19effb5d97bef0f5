//go:build !windows

package resolve

import "net/netip"

// Where Unix names its nameservers, and where systemd-resolved has those behind
// its stub (systemd-resolved.service(8)).
const (
	resolvConf  = "/etc/resolv.conf"
	resolvedOwn = "/run/systemd/resolve/resolv.conf"
)

// Servers are the nameservers that the system asks, and those that they ask in
// turn where that is known: a stub on this machine hides whose answer it gives.
// On macOS those that a VPN has for some domains alone are not among them. Both
// are empty where the system doesn't say.
func Servers() (asked, behind []netip.AddrPort) { return serversIn(resolvConf, resolvedOwn) }
