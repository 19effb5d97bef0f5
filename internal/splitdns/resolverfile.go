package splitdns

import (
	"net/netip"
	"strconv"
	"strings"
)

// fileRule reads a file of /etc/resolver on macOS (resolver(5)), whose name is the domain unless it
// says another.
func fileRule(name, text string) Rule {
	r := Rule{Domain: trim(name)}
	port := ""
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) < 2 {
			continue
		}
		switch f[0] {
		case "domain":
			r.Domain = trim(f[1])
		case "nameserver":
			r.Servers = append(r.Servers, servers(f[1:2], dnsPort)...)
		case "port":
			port = f[1]
		}
	}
	r.Servers = withPort(r.Servers, port)
	return r
}

// withPort gives the servers another port, if it is one.
func withPort(list []netip.AddrPort, port string) []netip.AddrPort {
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 {
		return list
	}
	for i := range list {
		list[i] = netip.AddrPortFrom(list[i].Addr(), uint16(n))
	}
	return list
}
