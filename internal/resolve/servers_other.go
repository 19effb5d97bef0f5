//go:build !windows

package resolve

import "net/netip"

// The files with the system's nameservers, and with those behind the stub resolver of
// systemd-resolved (systemd-resolved.service(8)).
const (
	resolvConf  = "/etc/resolv.conf"
	resolvedOwn = "/run/systemd/resolve/resolv.conf"
)

// Servers returns the nameservers that the system queries and, if one of them is a stub
// resolver on this machine, those that the stub queries. On macOS, the nameservers that a
// VPN has for some domains only are missing. Both are empty if the system doesn't list any; the error
// says why its list can't be read.
func Servers() (asked, behind []netip.AddrPort, err error) { return serversIn(resolvConf, resolvedOwn) }
