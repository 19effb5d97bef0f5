package har

import (
	"net/netip"
	"strings"

	"detour/internal/lazyregexp"
)

// Python has the address of a connect in a tuple, .NET at the end of the message.
var (
	pythonAddress = lazyregexp.New(`\('([0-9A-Fa-f.:]{2,45})', (\d{1,5})[,)]`)
	dotnetAddress = lazyregexp.New(`\s((?:\d{1,3}\.){3}\d{1,3}|\[[0-9A-Fa-f:]{2,45}\]):(\d{1,5})\s*$`)
)

// addressesIn returns the addresses in an exporter's error text.
func addressesIn(words string) (out []netip.AddrPort) {
	const most = 16
	found := pythonAddress.FindAllStringSubmatch(words, most)
	if len(found) == 0 {
		found = dotnetAddress.FindAllStringSubmatch(words, 1)
	}
	for _, m := range found {
		host := strings.Trim(m[1], "[]")
		if strings.Contains(host, ":") {
			host = "[" + host + "]"
		}
		if a, err := netip.ParseAddrPort(host + ":" + m[2]); err == nil {
			out = append(out, a)
		}
	}
	return out
}
