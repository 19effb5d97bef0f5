package dial

import (
	"net"
	"strconv"
	"strings"
)

// ReachesListener reports whether a connection to host and port, as requested, would reach
// listener on this machine. It recognises addresses and "localhost", and doesn't
// resolve other names.
func ReachesListener(listener *net.TCPAddr, host, port string) bool {
	if port != strconv.Itoa(listener.Port) {
		return false
	}
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && (ip.IsLoopback() || ip.IsUnspecified() || ip.Equal(listener.IP))
}
