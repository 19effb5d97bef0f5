package dial

import (
	"net"
	"strconv"
	"strings"
)

// LeadsTo reports whether host and port, which are as somebody asked for them, are
// what listens at listener on this machine.
func LeadsTo(listener *net.TCPAddr, host, port string) bool {
	if port != strconv.Itoa(listener.Port) {
		return false
	}
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && (ip.IsLoopback() || ip.IsUnspecified() || ip.Equal(listener.IP))
}
