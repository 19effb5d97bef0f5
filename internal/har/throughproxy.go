package har

import (
	"net/netip"
	"slices"
	"time"

	"detour/internal/flow"
)

// throughProxy records in c that the browser was connected to a proxy, whose address the file
// has in place of the server's. took is the time to connect to the proxy.
func throughProxy(c *flow.Conn, proxy string, took time.Duration) {
	c.UpstreamProxy = proxy
	c.Resolution = &flow.Resolution{Name: hostOf(c.Authority), Source: flow.SourceProxied, Outcome: flow.DNSOK, Start: c.Start}
	c.Attempts = nil
	if at, err := netip.ParseAddrPort(proxy); err == nil {
		c.Attempts = []flow.DialAttempt{{Addr: at, Outcome: flow.DialConnected, Start: c.Start, Took: max(0, took)}}
	}
}

// ThroughProxy returns c as a connection to a proxy, if its address is one of proxies; c
// otherwise. It doesn't write to c.
func ThroughProxy(c *flow.Conn, proxies []netip.Addr) *flow.Conn {
	w := c.Winner()
	if w == nil || c.UpstreamProxy != "" || !slices.Contains(proxies, w.Addr.Addr()) {
		return c
	}
	out := *c
	throughProxy(&out, w.Addr.Addr().String(), w.Took)
	return &out
}
