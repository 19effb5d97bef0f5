package dial

import (
	"net"
	"strconv"
	"strings"
)

// ReachesListener reports whether a connection to host and port, as requested, would reach
// listener on this machine. It recognises addresses and "localhost", and doesn't
// resolve other names. The port may have leading zeros, as connects allow them.
func ReachesListener(listener *net.TCPAddr, host, port string) bool {
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || int(n) != listener.Port {
		return false
	}
	host, _, _ = strings.Cut(strings.TrimSuffix(host, "."), "%") // a zone doesn't matter
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && (ip.IsLoopback() || ip.IsUnspecified() || ip.Equal(listener.IP))
}
